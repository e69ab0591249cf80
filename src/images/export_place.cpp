#include "images/export_place.hpp"

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "os/fd.hpp"
#include "os/files.hpp"

#include <cerrno>
#include <cstdio>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>

namespace kiln::images {

namespace {

void sync_tree(const std::filesystem::path& path) {
    if (std::filesystem::is_directory(std::filesystem::symlink_status(path))) {
        for (const auto& entry : std::filesystem::directory_iterator{path}) {
            sync_tree(entry.path());
        }
    }
    os::sync_path(path);
}

bool is_there(const std::filesystem::path& path) {
    return std::filesystem::exists(std::filesystem::symlink_status(path));
}

[[noreturn]] void taken(const std::filesystem::path& target) {
    throw Error{ErrorKind::conflict, fmt::format("'{}' exists", target.string())}.hint(
        "choose another name, or say --overwrite"
    );
}

void rename_at(const std::filesystem::path& from, const std::filesystem::path& to, unsigned flags) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) != 0) {
        if (errno == EEXIST) {
            taken(to);
        }
        throw_errno(fmt::format("give '{}' its name", to.string()));
    }
}

ports::Resource resource_of(const std::filesystem::path& folder) {
    return {ports::ResourceKind::folder, folder.string()};
}

}  // namespace

ExportPlace::ExportPlace(const Task& task, const std::filesystem::path& target, Overwrite overwrite)
    : task_{task},
      target_{std::filesystem::absolute(target).lexically_normal()},
      overwrite_{overwrite} {
    if (!target_.has_filename()) {
        target_ = target_.parent_path();  // "layout/"
    }
    if (overwrite == Overwrite::no && is_there(target_)) {
        taken(target_);
    }
    folder_ = target_.parent_path() / random_id(".kiln-export-");
    task_.ledger.intend(task_.job, {resource_of(folder_)});
    if (::mkdir(folder_.c_str(), 0700) != 0) {
        throw_errno(fmt::format("make a folder beside '{}'", target_.string()));
    }
}

ExportPlace::~ExportPlace() {
    try {
        os::remove_tree(folder_);
        task_.ledger.release(task_.job, {resource_of(folder_)});
    } catch (const std::exception& error) {
        log_warning(
            "export-not-removed",
            {{"folder", folder_.string()},
             {"why", error.what()},
             {"next", "the sweeper removes it"}}
        );
    }
}

void ExportPlace::commit() {
    sync_tree(path());
    if (overwrite_ == Overwrite::no || !is_there(target_)) {
        rename_at(path(), target_, RENAME_NOREPLACE);
    } else if (!std::filesystem::is_directory(target_) && !std::filesystem::is_directory(path())) {
        rename_at(path(), target_, 0);
    } else {
        // A folder is not renamed over; the old one lands in our folder, and goes with it.
        rename_at(path(), target_, RENAME_EXCHANGE);
    }
    os::sync_path(target_.parent_path());
}

}  // namespace kiln::images
