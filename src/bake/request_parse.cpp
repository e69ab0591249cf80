#include "bake/request_parse.hpp"

#include "base/suggest.hpp"
#include "base/utf8.hpp"
#include "ports/queue_reference.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace kiln::bake {

namespace {

using Need = ObjectReader::Need;

constexpr std::int64_t kWeek = 604'800;           ///< seconds
constexpr std::int64_t kLargestGib = 65'536;      ///< EBS's largest volume, 64 TiB
constexpr std::size_t kLongestDescription = 255;  ///< EC2's
constexpr std::size_t kLongestMarker = 1000;
constexpr std::size_t kAccountDigits = 12;
/// A request travels through queues, and comes back within a reply of at most 256 KiB.
constexpr std::size_t kLongestRequest = std::size_t{160} << 10;

constexpr std::pair<std::string_view, Reset> kResets[] = {
    {"machine-id", Reset::machine_id},
    {"ssh-host-keys", Reset::ssh_host_keys},
    {"random-seed", Reset::random_seed},
};

void read_name(ObjectReader& reader, Request& request) {
    if (auto name = reader.string("name", Need::required)) {
        if (const auto problem = ports::image_name_problem(*name)) {
            reader.complain("name", *problem);
        }
        request.name = std::move(*name);
    }
    if (auto text = reader.string("description")) {
        if (text->size() > kLongestDescription || text->find('\0') != std::string::npos) {
            reader.complain(
                "description", fmt::format("must be at most {} bytes of text", kLongestDescription)
            );
        }
        request.description = std::move(*text);
    }
}

void read_volume(ObjectReader& reader, Request& request, std::vector<Problem>& problems) {
    if (const auto* value = reader.value("volume")) {
        ObjectReader volume{*value, "volume", problems};
        if (const auto gib = volume.integer("size_gib", 1, kLargestGib)) {
            request.size = Bytes{static_cast<std::uint64_t>(*gib) << 30};
        }
        volume.finish();
    }
}

void read_tags(ObjectReader& reader, Request& request, std::vector<Problem>& problems) {
    if (const auto tags = reader.string_map("tags")) {
        request.tags.insert(tags->begin(), tags->end());
        for (auto& problem : ports::tag_problems(request.tags, "tags")) {
            problems.push_back(std::move(problem));
        }
    }
}

void read_accounts(ObjectReader& reader, Request& request) {
    const auto accounts = reader.strings("share_with");
    if (!accounts) {
        return;
    }
    std::set<std::string> seen;
    for (std::size_t i = 0; i < accounts->size(); ++i) {
        const auto& account = (*accounts)[i];
        const auto where = fmt::format("share_with[{}]", i);
        if (account.size() != kAccountDigits ||
            account.find_first_not_of("0123456789") != std::string::npos) {
            reader.complain(where, "must be an account number of 12 digits, \"111122223333\"");
        } else if (!seen.insert(account).second) {
            reader.complain(where, fmt::format("account {} stands twice", account));
        } else {
            request.share_with.push_back(account);
        }
    }
}

void read_boot_test(ObjectReader& reader, Request& request) {
    request.boot_test = reader.boolean("boot_test").value_or(false);
    if (auto marker = reader.string("boot_marker")) {
        if (marker->empty() || marker->size() > kLongestMarker ||
            marker->find_first_of(std::string_view{"\0\r\n", 3}) != std::string::npos) {
            reader.complain(
                "boot_marker", fmt::format("must be 1 to {} bytes on one line", kLongestMarker)
            );
        } else if (!request.boot_test) {
            reader.complain("boot_marker", "is only looked for with \"boot_test\": true");
        }
        request.boot_marker = std::move(*marker);
    }
}

void read_keep(ObjectReader& reader, Request& request) {
    const auto words = reader.strings("keep");
    if (!words) {
        return;
    }
    std::vector<std::string> known;
    for (const auto& [word, reset] : kResets) {
        known.emplace_back(word);
    }
    for (std::size_t i = 0; i < words->size(); ++i) {
        const auto& word = (*words)[i];
        const auto where = fmt::format("keep[{}]", i);
        const auto* found = std::find_if(
            std::begin(kResets), std::end(kResets), [&](const auto& r) { return r.first == word; }
        );
        if (found == std::end(kResets)) {
            reader.complain(
                where,
                fmt::format(
                    "unknown word \"{}\"; it is one of {}{}",
                    word,
                    fmt::join(known, ", "),
                    did_you_mean(word, known)
                )
            );
        } else if (std::count(request.keep.begin(), request.keep.end(), found->second) != 0) {
            reader.complain(where, fmt::format("\"{}\" stands twice", word));
        } else {
            request.keep.push_back(found->second);
        }
    }
    std::sort(request.keep.begin(), request.keep.end());
}

void read_switches(ObjectReader& reader, Request& request) {
    if (const auto seconds = reader.integer("deadline_seconds", 1, kWeek)) {
        request.deadline = std::chrono::seconds{*seconds};
    }
    request.keep_on_failure = reader.boolean("keep_on_failure").value_or(false);
    request.rebake = reader.boolean("rebake").value_or(false);
    request.checkpoints = reader.boolean("checkpoints").value_or(true);
    if (auto text = reader.string("reply_to")) {
        try {
            request.reply_to = ports::parse_queue_reference(*text).str();
        } catch (const Error& error) {
            reader.complain("reply_to", error.message());
        }
    }
}

}  // namespace

Request parse_request(const json::value& document, const std::filesystem::path& base) {
    std::vector<Problem> problems;
    Request request;
    ObjectReader reader{document, "", problems};
    if (document.is_object()) {
        read_name(reader, request);
        if (const auto* parent = reader.value("parent", Need::required)) {
            request.parent = request_parts::read_parent(*parent, problems);
        }
        if (const auto* bootstrap = reader.value("bootstrap", Need::required)) {
            request_parts::read_bootstrap(*bootstrap, base, request, problems);
        }
        read_volume(reader, request, problems);
        read_tags(reader, request, problems);
        read_accounts(reader, request);
        if (const auto* logs = reader.value("logs")) {
            request_parts::read_logs(*logs, base, request, problems);
        }
        read_switches(reader, request);
        read_boot_test(reader, request);
        read_keep(reader, request);
        reader.finish();
    }
    if (problems.empty()) {
        const auto size = json::serialize(to_json(request)).size();
        if (size > kLongestRequest) {
            problems.push_back(
                {"document",
                 fmt::format(
                     "is {} long as understood, at most {} fit; move commands into a script of the "
                     "bootstrap",
                     humanize(Bytes{size}),
                     humanize(Bytes{kLongestRequest})
                 )}
            );
        }
    }
    if (!problems.empty()) {
        throw Error{"bad request", std::move(problems)};
    }
    return request;
}

}  // namespace kiln::bake
