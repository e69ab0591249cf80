#pragma once

#include "bake/request.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// The parts of a request, read one by one; each records its problems with their paths.
namespace kiln::bake::request_parts {

inline constexpr std::string_view kNoObjectStorage =
    "object storage (s3://) is not available in this version";

[[nodiscard]] Parent read_parent(const json::value& value, std::vector<Problem>& problems);

/// An EC2-like filter object. @param where  its path
[[nodiscard]] ports::ImageFilter read_filter(
    const json::value& value, const std::string& where, std::vector<Problem>& problems
);

/// The filter as read_filter reads it.
[[nodiscard]] json::object filter_json(const ports::ImageFilter& filter);

/// A folder, a tar, or a URL.
[[nodiscard]] Source read_source(
    const std::string& text,
    const std::filesystem::path& base,
    const std::string& where,
    std::vector<Problem>& problems
);

/// Fills in all that stands under `bootstrap`.
void read_bootstrap(
    const json::value& value,
    const std::filesystem::path& base,
    Request& request,
    std::vector<Problem>& problems
);

/// Fills in `logs`.
void read_logs(
    const json::value& value,
    const std::filesystem::path& base,
    Request& request,
    std::vector<Problem>& problems
);

/// A path as the user wrote it, from `base` when relative, without `.` and `..`.
[[nodiscard]] std::string absolute(const std::string& path, const std::filesystem::path& base);

}  // namespace kiln::bake::request_parts
