#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "ports/cloud.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// A bake request: the same JSON on the command line, over HTTP and as a queue message.
namespace kiln::bake {

/// The parent image: by id, by exact name, or the first of several queries that hits.
struct Parent {
    std::optional<ImageId> id;
    std::optional<std::string> name;
    std::vector<ports::ImageFilter> queries;
};

/// Where the bootstrap comes from; none: only commands.
struct Source {
    enum class Kind { none, folder, archive, url };
    Kind kind = Kind::none;
    std::string location;               ///< a path, or an https:// URL without its fragment
    std::optional<std::string> sha256;  ///< from `#sha256=`
};

struct BootstrapCommand {
    std::string run;      ///< given to `/bin/sh -c` in the bootstrap folder
    bool always = false;  ///< never taken from a checkpoint, nor is anything after it
};

enum class NetworkPolicy { host, none };

struct BootstrapLimits {
    std::optional<Bytes> memory;
    std::uint64_t processes = 4096;
    std::chrono::seconds time{3600};  ///< of all commands together
    std::chrono::seconds idle{900};   ///< hung after so long without output, CPU time and I/O
};

/// What is taken out of the image so that its machines do not share it.
enum class Reset { machine_id, ssh_host_keys, random_seed };

struct Request {
    std::string name;
    std::string description;
    Parent parent;
    Source source;
    std::vector<BootstrapCommand> commands;
    std::vector<std::pair<std::string, std::string>> environment;  ///< sorted by name
    NetworkPolicy network = NetworkPolicy::host;
    BootstrapLimits limits;
    std::optional<Bytes> size;
    ports::Tags tags;
    std::vector<std::string> share_with;
    std::optional<std::string> logs_destination;  ///< a folder; `file://` or a path
    std::vector<std::string> log_files;           ///< absolute paths inside the image
    std::optional<std::string> reply_to;          ///< a queue's reference; may hold a password
    std::chrono::seconds deadline{3600};
    bool keep_on_failure = false;
    bool rebake = false;
    bool checkpoints = true;
    bool boot_test = false;
    std::optional<std::string> boot_marker;  ///< text on the console that proves the boot
    std::vector<Reset> keep;                 ///< what is not reset
};

/// Checks everything that can be checked without the world; collects all problems.
/// @param base  relative source paths are taken from here (the request file's folder)
/// @throws Error  invalid: every problem with its path
[[nodiscard]] Request parse_request(const json::value& document, const std::filesystem::path& base);

/// The request as understood, every default filled in; parse_request reads it back unchanged.
[[nodiscard]] json::object to_json(const Request& request);

/// The same for people, replies and logs: environment values are masked, a URL has neither user nor
/// query, a queue no password. Not to be read back.
[[nodiscard]] json::object to_shown_json(const Request& request);

/// Hash of the parent's id, the bootstrap's content, commands, environment, volume and reset
/// options.
/// @param content  hash of the bootstrap's files (content_hash)
[[nodiscard]] std::string bake_key(
    const Request& request, const ImageId& parent, const std::string& content
);

/// One key for each command that may be resumed after: [i] covers commands 0..i. Ends before the
/// first command that is `always`.
[[nodiscard]] std::vector<std::string> checkpoint_keys(
    const Request& request, const ImageId& parent, const std::string& content
);

/// Hash of a folder: relative paths, types, modes' execute bits, link targets and bytes; not times
/// or owners. Pure in the tree's content: the order of the directory does not matter.
[[nodiscard]] std::string content_hash(const std::filesystem::path& folder);

/// Picks the parent among images (spec "Replies", parent queries). Pure.
/// @throws Error  not_found: no hit (lists what was asked) · invalid: several unlike hits (lists
/// them)
[[nodiscard]] ports::Image choose_parent(
    const Parent& parent, const std::vector<std::vector<ports::Image>>& hits
);

}  // namespace kiln::bake
