#include "os/guest_root.hpp"

#include "base/error.hpp"
#include "base/random.hpp"
#include "os/folder.hpp"

#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::os {

namespace {

constexpr std::uint64_t kInside = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

std::string label(std::string_view path) {
    return fmt::format("image:{}", path);
}

/// Absent: the entry, or a part of the path that is no folder.
bool is_absent(int err) {
    return err == ENOENT || err == ENOTDIR;
}

std::string checked(std::string_view path) {
    if (path.find('\0') != std::string_view::npos) {
        throw Error{ErrorKind::invalid, "a path in the image has a NUL in it"};
    }
    return path.empty() ? "/" : std::string{path};
}

struct Split {
    std::string folder;
    std::string name;
};

/// @throws Error  invalid: the path does not end in the name of an entry
Split split(std::string_view path) {
    auto text = checked(path);
    while (text.size() > 1 && text.back() == '/') {
        text.pop_back();
    }
    const auto slash = text.rfind('/');
    const auto name = slash == std::string::npos ? text : text.substr(slash + 1);
    if (name.empty() || name == "." || name == "..") {
        throw Error{ErrorKind::invalid, fmt::format("'{}' names no entry", label(path))};
    }
    return {slash == std::string::npos ? "/" : text.substr(0, slash + 1), name};
}

struct stat status_of(const Fd& fd, std::string_view path) {
    struct stat status {};

    if (::fstat(fd.get(), &status) != 0) {
        throw_errno(fmt::format("look at '{}'", label(path)));
    }
    return status;
}

/// Opens what an O_PATH descriptor stands for: the entry that was looked at, not one that took its
/// name.
Fd reopen(const Fd& entry, int flags, std::string_view path) {
    const auto link = fmt::format("/proc/self/fd/{}", entry.get());
    Fd fd{::open(link.c_str(), (flags & ~O_NOFOLLOW) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    if (!fd) {
        throw_errno(fmt::format("open '{}'", label(path)));
    }
    return fd;
}

/// A temporary file beside its target, removed unless it was renamed.
class Unplaced {
  public:
    Unplaced(int folder, const std::string& name) : folder_{folder}, name_{name} {}

    Unplaced(const Unplaced&) = delete;
    Unplaced& operator=(const Unplaced&) = delete;

    ~Unplaced() {
        if (!placed_) {
            ::unlinkat(folder_, name_.c_str(), 0);
        }
    }

    void placed() noexcept { placed_ = true; }

  private:
    int folder_;
    const std::string& name_;
    bool placed_ = false;
};

}  // namespace

GuestRoot::GuestRoot(const std::filesystem::path& mounted)
    : root_{open_file(mounted, O_PATH | O_DIRECTORY)} {}

Fd GuestRoot::open(std::string_view path, int flags, unsigned mode) const {
    const auto text = checked(path);
    auto entry =
        open_at(root_.get(), text, O_PATH | (flags & (O_NOFOLLOW | O_DIRECTORY)), 0, kInside);
    if (!entry) {
        if (errno != ENOENT || (flags & O_CREAT) == 0) {
            throw_errno(fmt::format("open '{}'", label(path)));
        }
        auto made = open_at(root_.get(), text, flags | O_EXCL | O_NOCTTY, mode, kInside);
        if (!made) {
            throw_errno(fmt::format("make '{}'", label(path)));
        }
        return made;
    }
    if ((flags & O_PATH) != 0) {
        return entry;
    }
    if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) {
        throw Error::from_errno(EEXIST, fmt::format("make '{}'", label(path)));
    }
    const auto type = status_of(entry, path).st_mode;
    if (!S_ISREG(type) && !S_ISDIR(type)) {
        throw Error{
            ErrorKind::invalid,
            fmt::format("open '{}': neither a regular file nor a folder", label(path))};
    }
    return reopen(entry, flags & ~(O_CREAT | O_EXCL), path);
}

GuestRoot::Status GuestRoot::status(std::string_view path) const {
    const auto entry = open_at(root_.get(), checked(path), O_PATH | O_NOFOLLOW, 0, kInside);
    if (!entry) {
        if (is_absent(errno) || errno == ELOOP) {
            return {};
        }
        throw_errno(fmt::format("look at '{}'", label(path)));
    }
    const auto status = status_of(entry, path);
    const auto type = S_ISREG(status.st_mode)   ? Type::file
                      : S_ISDIR(status.st_mode) ? Type::folder
                      : S_ISLNK(status.st_mode) ? Type::link
                                                : Type::other;
    return {
        .type = type,
        .size = static_cast<std::uint64_t>(status.st_size),
        .mode = status.st_mode & 07777U,
        .uid = status.st_uid,
        .gid = status.st_gid};
}

std::optional<std::string> GuestRoot::read(std::string_view path, std::size_t limit) const {
    const auto entry = open_at(root_.get(), checked(path), O_PATH, 0, kInside);
    if (!entry) {
        if (is_absent(errno)) {
            return std::nullopt;
        }
        throw_errno(fmt::format("read '{}'", label(path)));
    }
    if (!S_ISREG(status_of(entry, path).st_mode)) {
        throw Error{ErrorKind::invalid, fmt::format("read '{}': not a regular file", label(path))};
    }
    try {
        return read_all(reopen(entry, O_RDONLY, path), limit);
    } catch (const Error& error) {
        throw error.while_(fmt::format("read '{}'", label(path)));
    }
}

std::string GuestRoot::read_link(std::string_view path) const {
    constexpr std::size_t kLongest = 4096;  // PATH_MAX
    const auto entry = open_at(root_.get(), checked(path), O_PATH | O_NOFOLLOW, 0, kInside);
    std::string target(kLongest, '\0');
    const auto length =
        entry ? ::readlinkat(entry.get(), "", target.data(), target.size()) : ssize_t{-1};
    if (length < 0) {
        // Linux says ENOENT for an empty path that stands for no link.
        const int why = entry && errno == ENOENT ? EINVAL : errno;
        throw Error::from_errno(why, fmt::format("read link '{}'", label(path)));
    }
    target.resize(static_cast<std::size_t>(length));
    return target;
}

std::vector<std::string> GuestRoot::list(std::string_view folder) const {
    const auto entry = open_at(root_.get(), checked(folder), O_PATH | O_DIRECTORY, 0, kInside);
    if (!entry) {
        if (is_absent(errno)) {
            return {};
        }
        throw_errno(fmt::format("list '{}'", label(folder)));
    }
    return names_in(entry.get());
}

void GuestRoot::make_folder(std::string_view path, unsigned mode) const {
    const auto text = checked(path);
    constexpr int kFlags = O_PATH | O_DIRECTORY;
    if (open_at(root_.get(), text, kFlags, 0, kInside)) {
        return;
    }
    if (errno != ENOENT) {
        throw_errno(fmt::format("make folder '{}'", label(path)));
    }
    const auto [folder, name] = split(text);
    make_folder(folder, 0755);
    const auto parent = open_at(root_.get(), folder, kFlags, 0, kInside);
    if (!parent || ::mkdirat(parent.get(), name.c_str(), 0700) != 0 ||
        ::fchmodat(parent.get(), name.c_str(), mode, 0) != 0) {
        throw_errno(fmt::format("make folder '{}'", label(path)));
    }
}

void GuestRoot::write(std::string_view path, std::string_view bytes, unsigned mode) const {
    const auto [folder, name] = split(path);
    make_folder(folder);
    const auto doing = fmt::format("write '{}'", label(path));
    const auto parent = open_at(root_.get(), folder, O_PATH | O_DIRECTORY, 0, kInside);
    if (!parent) {
        throw_errno(doing);
    }
    const auto temporary = fmt::format(".kiln-{:02x}", fmt::join(random_bytes<8>(), ""));
    constexpr int kNew = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    Fd file{::openat(parent.get(), temporary.c_str(), kNew, 0600)};
    if (!file) {
        throw_errno(doing);
    }
    Unplaced unplaced{parent.get(), temporary};
    try {
        write_all(file, bytes);
    } catch (const Error& error) {
        throw error.while_(doing);
    }
    if (::fchmod(file.get(), mode) != 0) {
        throw_errno(doing);
    }
    file.close();
    const auto place = [&] {
        return ::renameat(parent.get(), temporary.c_str(), parent.get(), name.c_str()) == 0;
    };
    if (!place()) {
        if (errno != EISDIR) {
            throw_errno(doing);
        }
        remove_entry(parent.get(), name, label(path));
        if (!place()) {
            throw_errno(doing);
        }
    }
    unplaced.placed();
}

void GuestRoot::rename(std::string_view from, std::string_view to) const {
    const auto [from_folder, from_name] = split(from);
    const auto [to_folder, to_name] = split(to);
    const auto source = open_at(root_.get(), from_folder, O_PATH | O_DIRECTORY, 0, kInside);
    const auto target =
        source ? open_at(root_.get(), to_folder, O_PATH | O_DIRECTORY, 0, kInside) : Fd{};
    if (!target ||
        ::renameat(source.get(), from_name.c_str(), target.get(), to_name.c_str()) != 0) {
        throw_errno(fmt::format("rename '{}' to '{}'", label(from), label(to)));
    }
}

void GuestRoot::remove(std::string_view path) const {
    const auto [folder, name] = split(path);
    const auto parent = open_at(root_.get(), folder, O_PATH | O_DIRECTORY, 0, kInside);
    if (!parent) {
        if (is_absent(errno)) {
            return;
        }
        throw_errno(fmt::format("remove '{}'", label(path)));
    }
    remove_entry(parent.get(), name, label(path));
}

}  // namespace kiln::os
