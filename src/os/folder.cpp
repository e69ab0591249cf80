#include "os/folder.hpp"

#include "base/error.hpp"
#include "base/random.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <fmt/format.h>

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace kiln::os {

Fd open_at(int folder, const std::string& path, int flags, unsigned mode, std::uint64_t resolve) {
    constexpr int kTries = 1000;
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.mode = mode;
    how.resolve = resolve;
    for (int left = kTries;; --left) {
        const auto fd = ::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how);
        if (fd >= 0 || left == 0 || (errno != EAGAIN && errno != EINTR)) {
            return Fd{static_cast<int>(fd)};
        }
    }
}

std::vector<std::string> names_in(int folder) {
    const int fd = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        throw_errno("open a folder");
    }
    const auto close_stream = [](DIR* stream) { ::closedir(stream); };
    const std::unique_ptr<DIR, decltype(close_stream)> stream{::fdopendir(fd)};
    if (!stream) {
        const Fd owned{fd};
        throw_errno("open a folder");
    }
    std::vector<std::string> names;
    for (;;) {
        errno = 0;
        const dirent* entry = ::readdir(stream.get());
        if (entry == nullptr) {
            break;
        }
        const std::string_view name{entry->d_name};
        if (name != "." && name != "..") {
            names.emplace_back(name);
        }
    }
    if (errno != 0) {
        throw_errno("read a folder");
    }
    std::sort(names.begin(), names.end());
    return names;
}

namespace {

/// Removes one tree. A folder deeper than `kDeepest` is moved up to the top and removed from there,
/// so that a tree of any depth needs neither stack nor descriptors without bound.
class TreeRemover {
  public:
    TreeRemover(int top, std::string label) : top_{top}, label_{std::move(label)} {}

    void empty_top() {
        do {
            moved_ = false;
            empty(top_, label_, 0);
        } while (moved_);
    }

  private:
    static constexpr unsigned kDeepest = 64;

    void empty(int folder, const std::string& label, unsigned depth) {
        for (const auto& name : names_in(folder)) {
            remove(folder, name, fmt::format("{}/{}", label, name), depth);
        }
    }

    void remove(int folder, const std::string& name, const std::string& label, unsigned depth);
    void move_up(int folder, const std::string& name, const std::string& label);

    int top_;
    std::string label_;
    bool moved_ = false;
};

[[noreturn]] void throw_cannot_remove(const std::string& label) {
    throw_errno(fmt::format("remove '{}'", label));
}

/// @returns  true when it is gone, false when it is a folder
bool unlink_if_no_folder(int parent, const std::string& name, const std::string& label) {
    if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) {
        return true;
    }
    const int why = errno;

    struct stat status {};

    // EPERM is POSIX' word for "a folder", EISDIR is Linux'; EPERM is an immutable file's, too.
    const bool folder = ::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                        S_ISDIR(status.st_mode);
    if (!folder) {
        errno = why;
        throw_cannot_remove(label);
    }
    return false;
}

/// An open folder to be emptied, or an empty Fd when it is gone.
Fd open_to_empty(int parent, const std::string& name, const std::string& label) {
    auto folder = open_at(
        parent,
        name,
        O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
        0,
        RESOLVE_NO_XDEV | RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS
    );
    if (!folder && errno == EXDEV) {
        throw Error{
            ErrorKind::conflict, fmt::format("remove '{}': something is mounted there", label)}
            .hint(fmt::format("umount '{}'", label));
    }
    if (!folder && errno != ENOENT) {
        throw_cannot_remove(label);
    }
    return folder;
}

void remove_empty(int parent, const std::string& name, const std::string& label) {
    if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
        throw_cannot_remove(label);
    }
}

void TreeRemover::remove(
    int folder, const std::string& name, const std::string& label, unsigned depth
) {
    if (unlink_if_no_folder(folder, name, label)) {
        return;
    }
    if (depth >= kDeepest) {
        move_up(folder, name, label);
        return;
    }
    {
        const auto inner = open_to_empty(folder, name, label);
        if (!inner) {
            return;
        }
        empty(inner.get(), label, depth + 1);
    }
    remove_empty(folder, name, label);
}

void TreeRemover::move_up(int folder, const std::string& name, const std::string& label) {
    const auto raised = fmt::format(".kiln-removed-{:02x}", fmt::join(random_bytes<8>(), ""));
    if (::renameat(folder, name.c_str(), top_, raised.c_str()) != 0) {
        throw_cannot_remove(label);
    }
    moved_ = true;
}

}  // namespace

void remove_entry(int parent, const std::string& name, const std::string& label) {
    if (unlink_if_no_folder(parent, name, label)) {
        return;
    }
    {
        const auto top = open_to_empty(parent, name, label);
        if (!top) {
            return;
        }
        TreeRemover{top.get(), label}.empty_top();
    }
    remove_empty(parent, name, label);
}

}  // namespace kiln::os
