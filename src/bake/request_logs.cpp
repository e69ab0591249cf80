#include "bake/request_parse.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace kiln::bake::request_parts {

namespace {

constexpr std::size_t kMostFiles = 100;
constexpr std::size_t kLongestPath = 4095;
constexpr std::string_view kFileScheme = "file://";

std::optional<std::string> file_problem(const std::string& path) {
    if (path.empty() || path.front() != '/') {
        return "must be an absolute path inside the image, \"/var/log/install.log\"";
    }
    if (path.size() > kLongestPath || path.find('\0') != std::string::npos) {
        return fmt::format("must be at most {} bytes without NUL", kLongestPath);
    }
    if (path.back() == '/') {
        return "must be a file, not a folder";
    }
    for (const auto& part : std::filesystem::path{path}) {
        if (part == "..") {
            return "must not hold `..`";
        }
    }
    return std::nullopt;
}

void read_destination(ObjectReader& reader, const std::filesystem::path& base, Request& request) {
    auto text = reader.string("destination");
    if (!text) {
        return;
    }
    const bool file_url = text->starts_with(kFileScheme);
    if (file_url) {
        text->erase(0, kFileScheme.size());
    }
    if (text->starts_with("s3://")) {
        reader.complain(
            "destination", fmt::format("{}; name a folder of this machine", kNoObjectStorage)
        );
    } else if (text->find("://") != std::string::npos) {
        reader.complain("destination", "must be a folder of this machine or a file:// URL");
    } else if (text->empty() || text->size() > kLongestPath || text->find('\0') != std::string::npos) {
        reader.complain(
            "destination", fmt::format("must be a path of 1 to {} bytes without NUL", kLongestPath)
        );
    } else if (file_url && text->front() != '/') {
        reader.complain(
            "destination", "must be file:/// and an absolute path, \"file:///srv/logs\""
        );
    } else {
        request.logs_destination = absolute(*text, base);
        if (request.logs_destination->size() > kLongestPath) {
            reader.complain(
                "destination", fmt::format("is longer than {} bytes as a whole path", kLongestPath)
            );
        }
    }
}

}  // namespace

void read_logs(
    const json::value& value,
    const std::filesystem::path& base,
    Request& request,
    std::vector<Problem>& problems
) {
    ObjectReader reader{value, "logs", problems};
    if (!value.is_object()) {
        return;
    }
    read_destination(reader, base, request);
    if (auto files = reader.strings("files")) {
        if (files->size() > kMostFiles) {
            reader.complain("files", fmt::format("must be at most {} files", kMostFiles));
        }
        std::set<std::string> seen;
        for (std::size_t i = 0; i < files->size(); ++i) {
            const auto where = fmt::format("files[{}]", i);
            if (const auto problem = file_problem((*files)[i])) {
                reader.complain(where, *problem);
            } else if (!seen.insert((*files)[i]).second) {
                reader.complain(where, "stands twice");
            }
        }
        request.log_files = std::move(*files);
    }
    reader.finish();
}

}  // namespace kiln::bake::request_parts
