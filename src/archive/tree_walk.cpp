#include "archive/tree_walk.hpp"

#include "archive/member_path.hpp"
#include "base/error.hpp"
#include "os/fd.hpp"
#include "os/interrupt.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

namespace kiln::archive {

namespace {

struct CloseFolder {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

std::vector<std::string> sorted_names(const os::Fd& folder, const std::string& path) {
    os::Fd copy{::fcntl(folder.get(), F_DUPFD_CLOEXEC, 0)};
    const std::unique_ptr<DIR, CloseFolder> stream{copy ? ::fdopendir(copy.get()) : nullptr};
    if (!stream) {
        throw_errno(fmt::format("list folder {}", shown_name(path)));
    }
    (void)copy.release();
    std::vector<std::string> names;
    errno = 0;
    while (const auto* entry = ::readdir(stream.get())) {
        const std::string_view name{entry->d_name};
        if (name != "." && name != "..") {
            names.emplace_back(name);
        }
    }
    if (errno != 0) {
        throw_errno(fmt::format("list folder {}", shown_name(path)));
    }
    std::sort(names.begin(), names.end());
    return names;
}

struct Walk {
    const std::function<void(const WalkEntry&)>& visit;
    const std::stop_token& stop;
    Mounts mounts;
    dev_t device;

    // As deep as there are descriptors: a folder tree deeper than that ends in "too many open
    // files".
    void enter(const os::Fd& folder, const std::string& path) const {
        for (const auto& name : sorted_names(folder, path)) {
            os::throw_if_stopped(stop, "read files");
            const auto below = path.empty() ? name : path + "/" + name;

            struct stat status {};

            if (::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
                throw_errno(fmt::format("look at {}", shown_name(below)));
            }
            visit({below, folder.get(), name, status});
            if (S_ISDIR(status.st_mode) && (mounts == Mounts::enter || status.st_dev == device)) {
                const os::Fd next{::openat(
                    folder.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
                )};
                if (!next) {
                    throw_errno(fmt::format("open folder {}", shown_name(below)));
                }
                enter(next, below);
            }
        }
    }
};

}  // namespace

void walk_tree(
    const std::filesystem::path& top,
    Mounts mounts,
    const std::function<void(const WalkEntry&)>& visit,
    const std::stop_token& stop
) {
    const auto folder = os::open_file(top, O_RDONLY | O_DIRECTORY);

    struct stat status {};

    if (::fstat(folder.get(), &status) != 0) {
        throw_errno(fmt::format("look at '{}'", top.string()));
    }
    const std::string path, name = ".";
    visit({path, folder.get(), name, status});
    Walk{visit, stop, mounts, status.st_dev}.enter(folder, path);
}

}  // namespace kiln::archive
