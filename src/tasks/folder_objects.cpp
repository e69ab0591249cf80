#include "base/error.hpp"
#include "base/md5.hpp"
#include "os/fd.hpp"
#include "tasks/objects.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <sys/stat.h>

namespace kiln::tasks {

namespace {

constexpr std::string_view kScheme = "file://";
constexpr std::size_t kLongest = std::size_t{256} << 20;

/// Is `path` the folder, or below it? Both resolved.
bool below(const std::filesystem::path& path, const std::filesystem::path& folder) {
    const auto end = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first;
    return end == folder.end();
}

std::filesystem::path resolved(const std::filesystem::path& path) {
    std::error_code failure;
    auto out = std::filesystem::weakly_canonical(path, failure);
    if (failure) {
        throw Error::from_errno(failure.value(), fmt::format("resolve '{}'", path.string()));
    }
    return out;
}

aws::S3Object object_of(const std::filesystem::path& file, std::string key) {
    struct stat status {};

    if (::stat(file.c_str(), &status) != 0) {
        throw_errno(fmt::format("look at '{}'", file.string()));
    }
    // S3's is a hash of the content; of a file its time and size tell whether it was changed.
    auto etag =
        md5(fmt::format("{}.{}.{}", status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size));
    return {std::move(key), "\"" + etag + "\"", status.st_mtim.tv_sec, status.st_size, "STANDARD"};
}

}  // namespace

bool is_folder_bucket(const std::string& bucket) noexcept {
    return bucket.starts_with(kScheme);
}

std::filesystem::path FolderObjects::folder_of(const std::string& bucket) const {
    const std::filesystem::path named = bucket.substr(kScheme.size());
    if (!named.is_absolute()) {
        throw ObjectFailure{fmt::format("The bucket '{}' is not file:///FOLDER.", bucket)};
    }
    const auto folder = resolved(named);
    const bool allowed = std::any_of(allowed_.begin(), allowed_.end(), [&](const auto& one) {
        return below(folder, resolved(one));
    });
    if (!allowed) {
        throw ObjectFailure{fmt::format("The folder '{}' is not one that Maps may use.", bucket)};
    }
    return folder;
}

std::filesystem::path FolderObjects::file_of(const std::string& bucket, const std::string& key)
    const {
    const auto folder = folder_of(bucket);
    const auto file = resolved(folder / std::filesystem::path{key}.relative_path());
    if (key.empty() || !below(file, folder)) {
        throw ObjectFailure{fmt::format("The key '{}' is no file below '{}'.", key, bucket)};
    }
    return file;
}

std::string FolderObjects::get(
    const std::string& bucket, const std::string& key, const std::string& version
) {
    if (!version.empty()) {
        throw ObjectFailure{"Files have no versions."};
    }
    try {
        return os::read_file(file_of(bucket, key), kLongest);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::not_found) {
            throw ObjectFailure{"The specified key does not exist."};
        }
        throw;
    }
}

void FolderObjects::list(
    const std::string& bucket,
    const std::string& prefix,
    const std::function<bool(const aws::S3Object&)>& visit
) {
    const auto folder = folder_of(bucket);
    if (!std::filesystem::is_directory(folder)) {
        throw ObjectFailure{"The specified bucket does not exist"};
    }
    std::vector<std::string> keys;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
        auto key = entry.path().lexically_relative(folder).string();
        if (entry.is_regular_file() && !entry.is_symlink() && key.starts_with(prefix)) {
            keys.push_back(std::move(key));
        }
    }
    std::sort(keys.begin(), keys.end());
    for (auto& key : keys) {
        const auto file = folder / key;
        if (!visit(object_of(file, std::move(key)))) {
            return;
        }
    }
}

void FolderObjects::put(
    const std::string& bucket, const std::string& key, const std::string& bytes
) {
    const auto file = file_of(bucket, key);
    std::filesystem::create_directories(file.parent_path());
    os::write_file_durably(file, bytes);
}

}  // namespace kiln::tasks
