#include "archive/tree_writer.hpp"

#include "archive/member_path.hpp"
#include "base/error.hpp"

#include <cerrno>
#include <limits.h>

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace kiln::archive {

namespace {

constexpr mode_t kAllBits = 07777;
constexpr mode_t kOurBits = 0777;

/// openat2(2) below `root`, without following any link. @returns an empty Fd and errno
os::Fd open_below(int root, const std::string& path, int flags) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
    const char* name = path.empty() ? "." : path.c_str();
    return os::Fd{static_cast<int>(::syscall(SYS_openat2, root, name, &how, sizeof how))};
}

void require(int result, std::string_view doing) {
    if (result != 0) {
        throw_errno(doing);
    }
}

[[noreturn]] void refuse_path(int err, const std::string& folder) {
    if (err == ELOOP || err == ENOTDIR || err == EXDEV) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "its path goes through {}, which is not a folder but a link or file",
                shown_name(folder)
            )};
    }
    throw Error::from_errno(err, fmt::format("open folder {}", shown_name(folder)));
}

void set_times(int folder, const char* name, const Metadata& metadata, int flags) {
    if (metadata.modified) {
        const timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, *metadata.modified};
        require(
            name != nullptr ? ::utimensat(folder, name, times, flags) : ::futimens(folder, times),
            "set modification time"
        );
    }
}

/// Owner first (it clears set-id bits and capabilities), times last.
void apply(int fd, const Metadata& metadata, Ownership ownership, bool privileged) {
    const bool keep = ownership == Ownership::keep;
    if (keep || privileged) {
        require(::fchown(fd, keep ? metadata.uid : 0, keep ? metadata.gid : 0), "set owner");
    }
    require(::fchmod(fd, metadata.mode & (keep ? kAllBits : kOurBits)), "set mode");
    if (keep) {
        for (const auto& [name, value] : metadata.xattrs) {
            require(
                ::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0),
                fmt::format("set extended attribute {}", shown_name(name))
            );
        }
    }
    set_times(fd, nullptr, metadata, 0);
}

}  // namespace

TreeWriter::TreeWriter(os::Fd folder, Ownership ownership)
    : root_{std::move(folder)}, ownership_{ownership}, privileged_{::geteuid() == 0} {}

void TreeWriter::make_parents(const std::string& folder) {
    for (std::size_t end = 0; end != std::string::npos;) {
        end = folder.find('/', end + 1);
        const std::string prefix = folder.substr(0, end);
        if (open_below(root_.get(), prefix, O_PATH | O_DIRECTORY)) {
            continue;
        }
        if (errno != ENOENT) {
            refuse_path(errno, prefix);
        }
        const auto slash = prefix.rfind('/');
        const auto above = open_below(
            root_.get(),
            slash == std::string::npos ? "" : prefix.substr(0, slash),
            O_PATH | O_DIRECTORY
        );
        const auto name = slash == std::string::npos ? prefix : prefix.substr(slash + 1);
        if (!above || ::mkdirat(above.get(), name.c_str(), 0755) != 0 ||
            ::fchmodat(above.get(), name.c_str(), 0755, 0) != 0) {
            throw_errno(fmt::format("make folder {}", shown_name(prefix)));
        }
    }
}

os::Fd TreeWriter::open_parent(const std::string& folder) {
    auto fd = open_below(root_.get(), folder, O_PATH | O_DIRECTORY);
    if (!fd && errno == ENOENT) {
        make_parents(folder);
        fd = open_below(root_.get(), folder, O_PATH | O_DIRECTORY);
    }
    if (!fd) {
        refuse_path(errno, folder);
    }
    return fd;
}

TreeWriter::Place TreeWriter::place(const std::string& path) {
    if (path.empty()) {
        throw Error{ErrorKind::invalid, "it stands for the folder itself but is not a folder"};
    }
    const auto slash = path.rfind('/');
    const auto folder = slash == std::string::npos ? std::string{} : path.substr(0, slash);
    if (!parent_ || folder != parent_path_) {
        parent_ = open_parent(folder);
        parent_path_ = folder;
    }
    return {parent_.get(), slash == std::string::npos ? path : path.substr(slash + 1)};
}

void TreeWriter::clear(const Place& place) {
    if (::unlinkat(place.folder, place.name.c_str(), 0) == 0 || errno == ENOENT) {
        return;
    }
    if (errno != EISDIR && errno != EPERM) {
        throw_errno("replace an earlier entry");
    }
    if (::unlinkat(place.folder, place.name.c_str(), AT_REMOVEDIR) != 0) {
        if (errno == ENOTEMPTY) {
            throw Error{
                ErrorKind::invalid,
                "an earlier entry of the same name is a folder with entries in it"};
        }
        throw_errno("replace an earlier entry");
    }
}

void TreeWriter::folder(const std::string& path, Metadata metadata) {
    if (!path.empty()) {
        const auto at = place(path);
        if (::mkdirat(at.folder, at.name.c_str(), 0700) != 0) {
            struct stat status {};

            if (errno != EEXIST) {
                throw_errno("make folder");
            }
            require(
                ::fstatat(at.folder, at.name.c_str(), &status, AT_SYMLINK_NOFOLLOW),
                "look at folder"
            );
            if (!S_ISDIR(status.st_mode)) {
                clear(at);
                require(::mkdirat(at.folder, at.name.c_str(), 0700), "make folder");
            }
        }
    } else if (ownership_ == Ownership::ours) {
        return;  // the folder's own mode is its maker's
    }
    if (ownership_ == Ownership::ours) {
        metadata.mode |= S_IRWXU;
    }
    folders_.insert_or_assign(path, std::move(metadata));
}

os::Fd TreeWriter::begin_file(const std::string& path) {
    const auto at = place(path);
    const int flags = O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC;
    os::Fd fd{::openat(at.folder, at.name.c_str(), flags, 0600)};
    if (!fd && errno == EEXIST) {
        clear(at);
        fd = os::Fd{::openat(at.folder, at.name.c_str(), flags, 0600)};
    }
    if (!fd) {
        throw_errno("make file");
    }
    return fd;
}

void TreeWriter::seal(os::Fd file, const Metadata& metadata) {
    apply(file.get(), metadata, ownership_, privileged_);
    file.close();
}

void TreeWriter::set_link_metadata(const Place& at, const Metadata& metadata) {
    const bool keep = ownership_ == Ownership::keep;
    if (keep || privileged_) {
        require(
            ::fchownat(
                at.folder,
                at.name.c_str(),
                keep ? metadata.uid : 0,
                keep ? metadata.gid : 0,
                AT_SYMLINK_NOFOLLOW
            ),
            "set owner"
        );
    }
    if (keep) {
        const auto path = fmt::format("/proc/self/fd/{}/{}", at.folder, at.name);
        for (const auto& [name, value] : metadata.xattrs) {
            require(
                ::lsetxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0),
                fmt::format("set extended attribute {}", shown_name(name))
            );
        }
    }
    set_times(at.folder, at.name.c_str(), metadata, AT_SYMLINK_NOFOLLOW);
}

void TreeWriter::symlink(
    const std::string& path, const std::string& target, const Metadata& metadata
) {
    if (target.empty() || target.find('\0') != std::string::npos || target.size() >= PATH_MAX) {
        throw Error{ErrorKind::invalid, "a symbolic link's target must have 1 to 4095 bytes"};
    }
    const auto at = place(path);
    if (::symlinkat(target.c_str(), at.folder, at.name.c_str()) != 0) {
        if (errno != EEXIST) {
            throw_errno("make symbolic link");
        }
        clear(at);
        require(::symlinkat(target.c_str(), at.folder, at.name.c_str()), "make symbolic link");
    }
    set_link_metadata(at, metadata);
}

void TreeWriter::hard_link(const std::string& path, const std::string& target) {
    if (path == target) {
        return;
    }
    const auto slash = target.rfind('/');
    const auto from = open_below(
        root_.get(), slash == std::string::npos ? "" : target.substr(0, slash), O_PATH | O_DIRECTORY
    );
    const auto name = slash == std::string::npos ? target : target.substr(slash + 1);

    struct stat status {};

    if (!from || ::fstatat(from.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        S_ISDIR(status.st_mode)) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "it is a hard link to {}, which is no file that came before it", shown_name(target)
            )};
    }
    const auto at = place(path);
    if (::linkat(from.get(), name.c_str(), at.folder, at.name.c_str(), 0) != 0) {
        if (errno != EEXIST) {
            throw_errno(fmt::format("make hard link to {}", shown_name(target)));
        }
        clear(at);
        require(
            ::linkat(from.get(), name.c_str(), at.folder, at.name.c_str(), 0), "make hard link"
        );
    }
}

void TreeWriter::node(
    const std::string& path, mode_t type, dev_t device, const Metadata& metadata
) {
    if (ownership_ == Ownership::ours) {
        throw Error{ErrorKind::invalid, "it is a device or FIFO, which a bootstrap may not bring"};
    }
    const auto at = place(path);
    if (::mknodat(at.folder, at.name.c_str(), type | 0600, device) != 0) {
        if (errno != EEXIST) {
            throw_errno("make device");
        }
        clear(at);
        require(::mknodat(at.folder, at.name.c_str(), type | 0600, device), "make device");
    }
    Metadata others = metadata;
    others.modified.reset();
    set_link_metadata(at, others);
    require(::fchmodat(at.folder, at.name.c_str(), metadata.mode & kAllBits, 0), "set mode");
    set_times(at.folder, at.name.c_str(), metadata, AT_SYMLINK_NOFOLLOW);
}

void TreeWriter::finish() {
    parent_ = os::Fd{};
    // Backwards: what lies below is done before its folder's times are set and its mode may close
    // it.
    for (auto entry = folders_.rbegin(); entry != folders_.rend(); ++entry) {
        const auto fd = open_below(root_.get(), entry->first, O_RDONLY | O_DIRECTORY);
        if (fd) {  // else a later entry took its place
            try {
                apply(fd.get(), entry->second, ownership_, privileged_);
            } catch (const Error& error) {
                throw error.while_(fmt::format("folder {}", shown_name(entry->first)));
            }
        }
    }
    folders_.clear();
}

}  // namespace kiln::archive
