#include "inspect/tree_entry.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <fmt/format.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace kiln::inspect {

namespace {

/// Names the entry through the folder's descriptor, for calls that have no form relative to one.
/// The last part is not followed by the l…xattr calls, so a link in it leads nowhere.
std::string through_descriptor(const Folder& folder, const std::string& name) {
    return fmt::format("/proc/self/fd/{}/{}", folder.fd.get(), name);
}

/// Calls `call(buffer, size)` as listxattr(2) and getxattr(2) want it: once for the size, once for
/// the bytes, again when they grew in between.
template <class Call>
std::string sized(const Call& call, const std::string& doing) {
    for (;;) {
        const auto wanted = call(nullptr, 0);
        if (wanted == 0 || (wanted < 0 && (errno == ENOTSUP || errno == ENODATA))) {
            return {};
        }
        if (wanted < 0) {
            throw_errno(doing);
        }
        std::string bytes(static_cast<std::size_t>(wanted), '\0');
        const auto got = call(bytes.data(), bytes.size());
        if (got >= 0) {
            bytes.resize(static_cast<std::size_t>(got));
            return bytes;
        }
        if (errno != ERANGE) {
            throw_errno(doing);
        }
    }
}

struct CloseFolder {
    void operator()(DIR* stream) const noexcept { ::closedir(stream); }
};

}  // namespace

Folder Folder::top(const std::string& path) {
    Folder folder;
    folder.fd = os::open_file(path, O_RDONLY | O_DIRECTORY);

    struct ::stat status {};

    if (::fstat(folder.fd.get(), &status) != 0) {
        throw_errno(fmt::format("look at '{}'", path));
    }
    folder.device = status.st_dev;
    return folder;
}

Folder Folder::enter(const std::string& name) const {
    const int opened =
        ::openat(fd.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (opened < 0) {
        throw_errno(fmt::format("open folder '{}'", path_of(name)));
    }
    Folder folder;
    folder.fd = os::Fd{opened};
    folder.path = path_of(name);
    folder.device = device;
    return folder;
}

std::vector<std::string> Folder::names() const {
    // A descriptor of its own: fdopendir() takes it over and closes it.
    const int copy = ::openat(fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0) {
        throw_errno(fmt::format("open folder '{}/'", path));
    }
    const std::unique_ptr<DIR, CloseFolder> stream{::fdopendir(copy)};
    if (!stream) {
        throw_errno(fmt::format("read folder '{}/'", path));
    }
    std::vector<std::string> names;
    errno = 0;
    while (const auto* entry = ::readdir(stream.get())) {
        const std::string_view name{entry->d_name};
        if (name != "." && name != "..") {
            names.emplace_back(name);
        }
        errno = 0;
    }
    if (errno != 0) {
        throw_errno(fmt::format("read folder '{}/'", path));
    }
    std::sort(names.begin(), names.end());
    return names;
}

struct ::stat Folder::status(const std::string& name) const {
    struct ::stat status {};

    if (::fstatat(fd.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
        throw_errno(fmt::format("look at '{}'", path_of(name)));
    }
    return status;
}

std::string Folder::link_target(const std::string& name) const {
    std::string target(4096, '\0');
    const auto length = ::readlinkat(fd.get(), name.c_str(), target.data(), target.size());
    if (length < 0) {
        throw_errno(fmt::format("read link '{}'", path_of(name)));
    }
    target.resize(static_cast<std::size_t>(length));
    return target;
}

std::map<std::string, std::string> Folder::attributes(const std::string& name) const {
    const auto proc = through_descriptor(*this, name);
    const auto doing = fmt::format("read attributes of '{}'", path_of(name));
    const auto list = sized(
        [&](char* buffer, std::size_t size) { return ::llistxattr(proc.c_str(), buffer, size); },
        doing
    );
    std::map<std::string, std::string> attributes;
    for (std::size_t at = 0; at < list.size();) {
        const std::string key = list.c_str() + at;
        at += key.size() + 1;
        attributes[key] = sized(
            [&](char* buffer, std::size_t size) {
                return ::lgetxattr(proc.c_str(), key.c_str(), buffer, size);
            },
            doing
        );
    }
    return attributes;
}

os::Fd Folder::open(const std::string& name) const {
    constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    // O_NOATIME is for the owner and root alone; others read with it left out.
    int opened = ::openat(fd.get(), name.c_str(), kFlags | O_NOATIME);
    if (opened < 0 && errno == EPERM) {
        opened = ::openat(fd.get(), name.c_str(), kFlags);
    }
    if (opened < 0) {
        throw_errno(fmt::format("open '{}'", path_of(name)));
    }
    os::Fd file{opened};

    struct ::stat status {};

    if (::fstat(opened, &status) != 0) {
        throw_errno(fmt::format("look at '{}'", path_of(name)));
    }
    if (!S_ISREG(status.st_mode)) {
        throw Error{
            ErrorKind::conflict, fmt::format("'{}' changed while it was read", path_of(name))};
    }
    return file;
}

}  // namespace kiln::inspect
