#include "images/qemu_img.hpp"

#include "base/error.hpp"
#include "base/utf8.hpp"
#include "images/watched_process.hpp"
#include "os/spawn.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace kiln::images {

namespace {

constexpr std::size_t kTail = 4096;

[[noreturn]] void refuse(const std::filesystem::path& file, std::string_view why) {
    throw Error{ErrorKind::invalid, fmt::format("'{}' is refused: {}", file.string(), why)};
}

const json::value* member(const json::value* value, std::string_view key) {
    const auto* object = value == nullptr ? nullptr : value->if_object();
    return object == nullptr ? nullptr : object->if_contains(key);
}

bool names_file(const json::value* value, const std::filesystem::path& file) {
    return value != nullptr && value->is_string() && value->get_string() == file.string();
}

/// qemu-img's words for a full disk, as far as they can be told from its other failures.
ErrorKind kind_of_failure(std::string_view said) {
    if (said.find("No space left") != std::string_view::npos ||
        said.find("File too large") != std::string_view::npos) {
        return ErrorKind::exhausted;
    }
    if (said.find("Permission denied") != std::string_view::npos) {
        return ErrorKind::denied;
    }
    return ErrorKind::invalid;
}

/// What it said without its progress, on one line.
std::string complaint(std::string_view printed) {
    std::string text;
    while (!printed.empty()) {
        const auto end = printed.find_first_of("\r\n");
        const auto line = printed.substr(0, end);
        printed = end == std::string_view::npos ? std::string_view{} : printed.substr(end + 1);
        if (line.find("/100%)") == std::string_view::npos && !line.empty()) {
            text += (text.empty() ? "" : "; ") + to_utf8(line);
        }
    }
    return text;
}

}  // namespace

Bytes read_disk_info(const json::value& info, const std::filesystem::path& file) {
    if (member(&info, "backing-filename") != nullptr ||
        member(&info, "full-backing-filename") != nullptr) {
        refuse(file, "it names a backing file, and could so read any file of this host");
    }
    if (const auto* encrypted = member(&info, "encrypted");
        encrypted != nullptr && *encrypted == json::value(true)) {
        refuse(file, "it is encrypted");
    }
    const auto* details = member(member(&info, "format-specific"), "data");
    if (member(details, "data-file") != nullptr) {
        refuse(
            file, "it keeps its data in an external file, and could so read any file of this host"
        );
    }
    if (const auto* extents = member(details, "extents");
        extents != nullptr && extents->is_array()) {
        for (const auto& extent : extents->get_array()) {
            if (!names_file(member(&extent, "filename"), file)) {
                refuse(
                    file, "it names extents in other files, and could so read any file of this host"
                );
            }
        }
    }
    const auto* size = member(&info, "virtual-size");
    if (size == nullptr || !size->is_int64() || size->get_int64() <= 0) {
        refuse(file, "it says no size");
    }
    return {static_cast<std::uint64_t>(size->get_int64())};
}

Bytes disk_size(const Task& task, const std::filesystem::path& file, Format format) {
    os::Command command;
    command.argv = {
        "qemu-img",
        "info",
        "--output=json",
        "-f",
        std::string{to_string(format)},
        "-U",
        "--",
        file.string()};
    const auto deadline =
        Deadline::earlier(task.deadline, Deadline::after(std::chrono::minutes{1}));
    const auto result = os::run_captured(std::move(command), deadline, task.stop);
    if (!result.status.ok()) {
        refuse(file, complaint(result.err));
    }
    return read_disk_info(parse_json(result.out), file);
}

std::vector<std::string> conversion_arguments(const Conversion& conversion) {
    std::vector<std::string> arguments{"qemu-img", "convert", "-p"};
    if (conversion.into_empty_device) {
        arguments.insert(arguments.end(), {"-n", "--target-is-zero"});
    }
    if (conversion.compress) {
        arguments.emplace_back("-c");
    }
    arguments.insert(
        arguments.end(),
        {"-f",
         std::string{to_string(conversion.from_format)},
         "-O",
         std::string{to_string(conversion.to_format)}}
    );
    for (const auto& option : conversion.options) {
        arguments.insert(arguments.end(), {"-o", option});
    }
    arguments.insert(arguments.end(), {"--", conversion.from.string(), conversion.to.string()});
    return arguments;
}

std::optional<double> last_percentage(std::string_view printed) {
    const auto end = printed.rfind("/100%)");
    const auto start = end == std::string_view::npos ? end : printed.rfind('(', end);
    if (start == std::string_view::npos) {
        return std::nullopt;
    }
    double percent = 0;
    const auto text = printed.substr(start + 1, end - start - 1);
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
    if (error != std::errc{} || stop != text.data() + text.size()) {
        return std::nullopt;
    }
    return std::clamp(percent, 0.0, 100.0);
}

void convert(const Task& task, const Conversion& conversion, std::string_view phase, Bytes total) {
    KILN_CHECK(conversion.from.is_absolute() && conversion.to.is_absolute());
    os::Command command;
    command.argv = conversion_arguments(conversion);
    std::string tail;
    const auto watched = watch_process(
        std::move(command),
        [&](std::string_view bytes) {
            tail += bytes;
            if (tail.size() > 2 * kTail) {
                tail.erase(0, tail.size() - kTail);
            }
            if (const auto percent = last_percentage(tail)) {
                const auto done = static_cast<double>(total.count) * *percent / 100;
                task.report(phase, Bytes{static_cast<std::uint64_t>(done)}, total);
            }
            return Go::on;
        },
        task.deadline,
        task.stop
    );
    if (watched.cause == Watched::Cause::timed_out) {
        throw Error{ErrorKind::timed_out, fmt::format("{}: the deadline passed", phase)};
    }
    if (!watched.status.ok()) {
        const auto said = complaint(tail);
        throw Error{
            kind_of_failure(said),
            fmt::format("qemu-img convert: {}: {}", watched.status.describe(), said)};
    }
}

}  // namespace kiln::images
