#include "cli/bake_request.hpp"

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace kiln::cli {

const std::vector<Option>& request_options() {
    static const std::vector<Option> options{
        {.name = "name", .value = "NAME", .help = "name of the image to make"},
        {.name = "parent", .value = "IMAGE", .help = "id or name of the image to start from"},
        {.name = "description", .value = "TEXT", .help = "description of the image"},
        {.name = "source",
         .value = "PLACE",
         .help =
             "the bootstrap: a folder, a .tar[.gz|.xz|.zst], or an https:// URL with an optional "
             "#sha256=..."},
        {.name = "command",
         .value = "LINE",
         .help = "a shell line to run in the image, in the bootstrap's folder; one after the other",
         .repeatable = true},
        {.name = "env",
         .value = "KEY=VALUE",
         .help = "an environment variable of the commands",
         .repeatable = true},
        {.name = "network",
         .value = "WHICH",
         .help = "host (default) or none",
         .choices = {"host", "none"}},
        {.name = "memory", .value = "SIZE", .help = "most memory of the commands: 512MiB, 2GiB"},
        {.name = "processes",
         .value = "N",
         .help = "most processes of the commands (default 4096)"},
        {.name = "time",
         .value = "DURATION",
         .help = "time of all commands together: 90s, 15m (default 1h)"},
        {.name = "hang-after",
         .value = "DURATION",
         .help = "end a command as hung after so long without output, CPU time and I/O"},
        {.name = "size", .value = "SIZE", .help = "size of the image's disk, whole GiB: 8GiB"},
        {.name = "tag", .value = "KEY=VALUE", .help = "a tag of the image", .repeatable = true},
        {.name = "share-with",
         .value = "ACCOUNT",
         .help = "an account to share image and snapshot with",
         .repeatable = true},
        {.name = "logs-to", .value = "FOLDER", .help = "where collected log files go"},
        {.name = "log-file",
         .value = "PATH",
         .help = "a file in the image to collect, on failure as well",
         .repeatable = true},
        {.name = "deadline", .value = "DURATION", .help = "time of the whole bake"},
        {.name = "boot-marker",
         .value = "TEXT",
         .help = "what the console shows when the boot is done; implies --boot-test"},
        {.name = "keep",
         .value = "WHAT",
         .help = "do not reset machine-id, ssh-host-keys or random-seed",
         .repeatable = true,
         .choices = {"machine-id", "ssh-host-keys", "random-seed"}},
        {.name = "keep-on-failure", .help = "keep the volume of a bake that fails"},
        {.name = "rebake", .help = "bake even if the same was baked before"},
        {.name = "no-checkpoints", .help = "neither use nor make checkpoints"},
        {.name = "boot-test",
         .help = "boot the image in a virtual machine before it is registered"},
    };
    return options;
}

namespace {

/// These change requests that come from files, too.
constexpr std::array kOverrides{"keep-on-failure", "rebake", "no-checkpoints", "boot-test"};

bool is_override(const std::string& name) {
    return std::find(kOverrides.begin(), kOverrides.end(), name) != kOverrides.end();
}

/// Reads flags into a document; collects what is wrong with their values.
class FlagReader {
  public:
    explicit FlagReader(const Arguments& arguments) : arguments_{arguments} {}

    void text(std::string_view flag, json::object& into, std::string_view key) {
        if (const auto value = arguments_.one(flag)) {
            into[key] = *value;
        }
    }

    void texts(std::string_view flag, json::object& into, std::string_view key) {
        if (arguments_.has(flag)) {
            into[key] = json::value_from(arguments_.all(flag));
        }
    }

    void pairs(std::string_view flag, json::object& into, std::string_view key) {
        json::object map;
        for (const auto& pair : arguments_.all(flag)) {
            const auto equals = pair.find('=');
            if (equals == std::string::npos || equals == 0) {
                complain(flag, fmt::format("'{}' is not KEY=VALUE", pair));
            } else if (!map.emplace(pair.substr(0, equals), pair.substr(equals + 1)).second) {
                complain(flag, fmt::format("'{}' is given twice", pair.substr(0, equals)));
            }
        }
        if (!map.empty()) {
            into[key] = std::move(map);
        }
    }

    void seconds(std::string_view flag, json::object& into, std::string_view key) {
        parsed(flag, [&](const std::string& value) {
            const auto duration = parse_duration(value);
            if (duration < std::chrono::seconds{1} ||
                duration % std::chrono::seconds{1} != Duration{0}) {
                throw Error{
                    ErrorKind::invalid,
                    fmt::format("'{}' is not one or more whole seconds", value)};
            }
            into[key] = duration / std::chrono::seconds{1};
        });
    }

    void bytes(std::string_view flag, json::object& into, std::string_view key) {
        parsed(flag, [&](const std::string& value) { into[key] = parse_bytes(value).count; });
    }

    void gibibytes(std::string_view flag, json::object& into, std::string_view key) {
        parsed(flag, [&](const std::string& value) {
            constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
            const auto size = parse_bytes(value).count;
            if (size == 0 || size % kGiB != 0) {
                throw Error{
                    ErrorKind::invalid, fmt::format("'{}' is not whole GiB, such as 8GiB", value)};
            }
            into[key] = size / kGiB;
        });
    }

    void whole(std::string_view flag, json::object& into, std::string_view key) {
        parsed(flag, [&](const std::string& value) {
            std::uint64_t number = 0;
            const auto* end = value.data() + value.size();
            const auto [stop, error] = std::from_chars(value.data(), end, number);
            if (error != std::errc{} || stop != end) {
                throw Error{ErrorKind::invalid, fmt::format("'{}' is not a whole number", value)};
            }
            into[key] = number;
        });
    }

    void yes(std::string_view flag, json::object& into, std::string_view key, bool value = true) {
        if (arguments_.has(flag)) {
            into[key] = value;
        }
    }

    void complain(std::string_view flag, std::string what) {
        problems.push_back({fmt::format("--{}", flag), std::move(what)});
    }

    std::vector<Problem> problems;

  private:
    template <class Use>
    void parsed(std::string_view flag, const Use& use) {
        if (const auto value = arguments_.one(flag)) {
            try {
                use(*value);
            } catch (const Error& error) {
                complain(flag, error.message());
            }
        }
    }

    const Arguments& arguments_;
};

json::object parent_from(const Arguments& arguments) {
    const auto parent = arguments.one_or("parent", "");
    const bool id = is_id(id_kind::Image::prefix, parent);
    return {{id ? "id" : "name", parent}};
}

void put_unless_empty(json::object& into, std::string_view key, json::object value) {
    if (!value.empty()) {
        into[key] = std::move(value);
    }
}

void apply_overrides(FlagReader& reader, json::object& request) {
    reader.yes("keep-on-failure", request, "keep_on_failure");
    reader.yes("rebake", request, "rebake");
    reader.yes("no-checkpoints", request, "checkpoints", false);
    reader.yes("boot-test", request, "boot_test");
}

}  // namespace

bool has_request_flags(const Arguments& arguments) {
    return std::any_of(
        request_options().begin(),
        request_options().end(),
        [&](const Option& option) {
            return !is_override(option.name) && arguments.has(option.name);
        }
    );
}

json::object request_from_flags(const Arguments& arguments) {
    FlagReader reader{arguments};
    for (const char* needed : {"name", "parent"}) {
        if (!arguments.has(needed)) {
            reader.complain(needed, "is required where no request file is given");
        }
    }
    if (!arguments.has("source") && !arguments.has("command")) {
        reader.complain(
            "command", "is required where neither a request file nor --source is given"
        );
    }
    json::object request, bootstrap, limits, volume, logs;
    reader.text("name", request, "name");
    reader.text("description", request, "description");
    request["parent"] = parent_from(arguments);
    reader.text("source", bootstrap, "source");
    reader.texts("command", bootstrap, "commands");
    reader.pairs("env", bootstrap, "environment");
    reader.text("network", bootstrap, "network");
    reader.bytes("memory", limits, "memory_bytes");
    reader.whole("processes", limits, "processes");
    reader.seconds("time", limits, "seconds");
    reader.seconds("hang-after", limits, "idle_seconds");
    put_unless_empty(bootstrap, "limits", std::move(limits));
    request["bootstrap"] = std::move(bootstrap);
    reader.gibibytes("size", volume, "size_gib");
    put_unless_empty(request, "volume", std::move(volume));
    reader.pairs("tag", request, "tags");
    reader.texts("share-with", request, "share_with");
    reader.text("logs-to", logs, "destination");
    reader.texts("log-file", logs, "files");
    put_unless_empty(request, "logs", std::move(logs));
    reader.seconds("deadline", request, "deadline_seconds");
    reader.texts("keep", request, "keep");
    apply_overrides(reader, request);
    if (arguments.has("boot-marker")) {
        request["boot_test"] = true;
        reader.text("boot-marker", request, "boot_marker");
    }
    if (!reader.problems.empty()) {
        throw Error{"bad request", std::move(reader.problems)}.hint("kiln bake --help");
    }
    return request;
}

namespace {

bool lacks(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value == nullptr || value->is_null();
}

/// What the request does not say, the settings do. A document of the wrong shape stays as it is:
/// the request's own parser says what is wrong with it.
void fill_in(json::value& document, const Config& config) {
    auto* request = document.if_object();
    if (request == nullptr) {
        return;
    }
    if (lacks(*request, "deadline_seconds")) {
        (*request)["deadline_seconds"] = config.bake_deadline.count();
    }
    auto* bootstrap = request->if_contains("bootstrap");
    if (bootstrap == nullptr || !bootstrap->is_object()) {
        return;
    }
    auto& inner = bootstrap->get_object();
    if (lacks(inner, "limits")) {
        inner["limits"] = json::object{};
    }
    if (auto* limits = inner["limits"].if_object();
        limits != nullptr && lacks(*limits, "idle_seconds")) {
        (*limits)["idle_seconds"] = config.bake_hang_after.count();
    }
}

}  // namespace

std::vector<RequestDocument> request_documents(
    const Arguments& arguments,
    const Config& config,
    const std::function<std::string(const std::string&)>& read
) {
    const auto& files = arguments.all("REQUEST");
    std::vector<RequestDocument> documents;
    if (files.empty()) {
        documents.push_back(
            {request_from_flags(arguments), std::filesystem::current_path(), "flags"}
        );
    } else if (has_request_flags(arguments)) {
        throw Error{ErrorKind::invalid, "a request comes from a file or from flags, not from both"}
            .hint("kiln bake --help");
    }
    for (const auto& file : files) {
        RequestDocument one;
        one.origin = file == "-" ? "stdin" : file;
        one.base = file == "-" ? std::filesystem::current_path()
                               : std::filesystem::absolute(file).parent_path();
        const auto text = read(file);
        try {
            one.document = parse_json(text);
        } catch (const Error& error) {
            throw error.while_(one.origin);
        }
        if (auto* request = one.document.if_object()) {
            FlagReader reader{arguments};
            apply_overrides(reader, *request);
        }
        documents.push_back(std::move(one));
    }
    for (auto& one : documents) {
        fill_in(one.document, config);
    }
    return documents;
}

}  // namespace kiln::cli
