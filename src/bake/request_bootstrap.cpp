#include "bake/request_parse.hpp"
#include "base/suggest.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

namespace kiln::bake::request_parts {

namespace {

constexpr std::int64_t kWeek = 604'800;  ///< seconds
constexpr std::int64_t kLeastMemory = std::int64_t{4} << 20;
constexpr std::int64_t kMostMemory = std::int64_t{1} << 50;
constexpr std::int64_t kMostProcesses = 1'000'000;
constexpr std::size_t kMostCommands = 500;
constexpr std::size_t kLongestWord = 131'071;  ///< execve(2): MAX_ARG_STRLEN, the NUL taken off
constexpr std::size_t kHashDigits = 64;
constexpr std::size_t kLongestPath = 4095;
constexpr std::string_view kHashKey = "sha256=";

constexpr std::array<std::string_view, 12> kArchiveEndings{
    ".tar",
    ".tar.gz",
    ".tgz",
    ".tar.bz2",
    ".tbz2",
    ".tbz",
    ".tar.xz",
    ".txz",
    ".tar.zst",
    ".tzst",
    ".tar.lzma",
    ".tlz",
};

bool is_archive_name(std::string_view path) {
    return std::any_of(kArchiveEndings.begin(), kArchiveEndings.end(), [&](auto ending) {
        return path.ends_with(ending);
    });
}

Source read_url(const std::string& text, const std::string& where, std::vector<Problem>& problems) {
    Source source;
    source.kind = Source::Kind::url;
    try {
        const auto url = net::parse_url(text);
        if (const auto problem = net::fetch_problem(url)) {
            problems.push_back({where, *problem});
        }
        if (url.fragment.starts_with(kHashKey)) {
            source.sha256 = url.fragment.substr(kHashKey.size());
        }
        if (!url.fragment.empty() &&
            (!source.sha256 || source.sha256->size() != kHashDigits ||
             source.sha256->find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)) {
            problems.push_back({where, "after the '#' must stand sha256= and 64 hex digits"});
        }
        source.location = text.substr(0, text.find('#'));
    } catch (const Error& error) {
        problems.push_back({where, error.message()});
    }
    return source;
}

void read_commands(ObjectReader& reader, Request& request, std::vector<Problem>& problems) {
    const auto* list = reader.array("commands");
    if (list == nullptr || list->empty()) {
        if (reader.value("commands") == nullptr || list != nullptr) {
            reader.complain(
                "commands",
                "must have at least one command: nothing of a bootstrap runs by itself; say what "
                "to "
                "run, [\"./install.sh\"]"
            );
        }
        return;
    }
    if (list->size() > kMostCommands) {
        reader.complain("commands", fmt::format("must be at most {} commands", kMostCommands));
        return;
    }
    const auto take = [&](const std::string& text, const std::string& at, bool always) {
        if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
            problems.push_back({at, "is an empty command"});
        } else if (text.find('\0') != std::string::npos) {
            problems.push_back({at, "must not hold a NUL"});
        } else if (text.size() > kLongestWord) {
            problems.push_back({at, "is longer than 128 KiB; put it into a script of the bootstrap"}
            );
        }
        request.commands.push_back({text, always});
    };
    for (std::size_t i = 0; i < list->size(); ++i) {
        const auto at = fmt::format("bootstrap.commands[{}]", i);
        const auto& item = (*list)[i];
        if (item.is_string()) {
            take(std::string{item.get_string()}, at, false);
        } else if (item.is_object()) {
            ObjectReader command{item, at, problems};
            const auto run = command.string("run", ObjectReader::Need::required);
            const bool always = command.boolean("always").value_or(false);
            command.finish();
            if (run) {
                take(*run, at + ".run", always);
            }
        } else {
            problems.push_back(
                {at,
                 fmt::format(
                     "must be a command line or {{\"run\": …, \"always\": …}}, not {}",
                     kind_name(item)
                 )}
            );
        }
    }
}

bool is_variable_name(std::string_view name) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !name.empty() && letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [&](char c) {
               return letter(c) || (c >= '0' && c <= '9');
           });
}

/// Values may be secret: no message shows one.
void read_environment(ObjectReader& reader, Request& request) {
    auto variables = reader.string_map("environment");
    if (!variables) {
        return;
    }
    for (const auto& [name, value] : *variables) {
        const auto where = "environment." + name;
        if (!is_variable_name(name)) {
            reader.complain(
                where, "the name must be letters, digits and '_', and not begin with a digit"
            );
        } else if (value.find('\0') != std::string::npos) {
            reader.complain(where, "the value must not hold a NUL");
        } else if (name.size() + 1 + value.size() > kLongestWord) {
            reader.complain(where, "name and value are longer than 128 KiB together");
        }
    }
    request.environment = std::move(*variables);
    std::sort(request.environment.begin(), request.environment.end());
}

void read_limits(const json::value& value, Request& request, std::vector<Problem>& problems) {
    ObjectReader limits{value, "bootstrap.limits", problems};
    if (const auto bytes = limits.integer("memory_bytes", kLeastMemory, kMostMemory)) {
        request.limits.memory = Bytes{static_cast<std::uint64_t>(*bytes)};
    }
    if (const auto count = limits.integer("processes", 1, kMostProcesses)) {
        request.limits.processes = static_cast<std::uint64_t>(*count);
    }
    if (const auto seconds = limits.integer("seconds", 1, kWeek)) {
        request.limits.time = std::chrono::seconds{*seconds};
    }
    if (const auto seconds = limits.integer("idle_seconds", 1, kWeek)) {
        request.limits.idle = std::chrono::seconds{*seconds};
    }
    limits.finish();
}

void read_network(ObjectReader& reader, Request& request) {
    const auto network = reader.string("network");
    if (!network || *network == "host") {
        return;
    }
    if (*network == "none") {
        request.network = NetworkPolicy::none;
        return;
    }
    const std::vector<std::string> known{"host", "none"};
    reader.complain("network", "must be \"host\" or \"none\"" + did_you_mean(*network, known));
}

}  // namespace

std::string absolute(const std::string& path, const std::filesystem::path& base) {
    const auto from = std::filesystem::absolute(base.empty() ? "." : base);
    return (from / path).lexically_normal().string();
}

Source read_source(
    const std::string& text,
    const std::filesystem::path& base,
    const std::string& where,
    std::vector<Problem>& problems
) {
    if (text.empty() || text.find('\0') != std::string::npos || text.size() > kLongestPath) {
        problems.push_back({where, fmt::format("must be 1 to {} bytes without NUL", kLongestPath)});
        return {};
    }
    if (text.starts_with("s3://")) {
        problems.push_back(
            {where, fmt::format("{}; use a folder, a tar or an https:// URL", kNoObjectStorage)}
        );
        return {};
    }
    if (text.starts_with("file://")) {
        problems.push_back({where, "write a local path as it is, without file://"});
        return {};
    }
    if (text.find("://") != std::string::npos) {
        return read_url(text, where, problems);
    }
    Source source;
    source.location = absolute(text, base);
    if (source.location.size() > kLongestPath) {
        problems.push_back(
            {where, fmt::format("is longer than {} bytes as a whole path", kLongestPath)}
        );
    }
    source.kind = is_archive_name(source.location) ? Source::Kind::archive : Source::Kind::folder;
    return source;
}

void read_bootstrap(
    const json::value& value,
    const std::filesystem::path& base,
    Request& request,
    std::vector<Problem>& problems
) {
    ObjectReader reader{value, "bootstrap", problems};
    if (!value.is_object()) {
        return;
    }
    if (const auto source = reader.string("source")) {
        request.source = read_source(*source, base, "bootstrap.source", problems);
    }
    read_commands(reader, request, problems);
    read_environment(reader, request);
    read_network(reader, request);
    if (const auto* limits = reader.value("limits")) {
        read_limits(*limits, request, problems);
    }
    reader.finish();
}

}  // namespace kiln::bake::request_parts
