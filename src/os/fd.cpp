#include "os/fd.hpp"

#include "base/error.hpp"
#include "base/random.hpp"

#include <cerrno>
#include <cstdio>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::os {

Fd& Fd::operator=(Fd&& other) noexcept {
    if (this != &other) {
        if (fd_ >= 0) {
            ::close(fd_);
        }
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

Fd::~Fd() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

void Fd::close() {
    const int fd = release();
    if (fd >= 0 && ::close(fd) != 0 && errno != EINTR) {
        throw_errno("close a file");
    }
}

Fd open_file(const std::filesystem::path& path, int flags, unsigned mode) {
    for (;;) {
        const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
        if (fd >= 0) {
            return Fd{fd};
        }
        if (errno != EINTR) {
            throw_errno(fmt::format("open '{}'", path.native()));
        }
    }
}

std::string read_all(const Fd& fd, std::size_t limit) {
    constexpr std::size_t kLeastRoom = 4096;

    struct stat status {};

    const bool known = ::fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode);
    const auto expected = known ? static_cast<std::size_t>(status.st_size) : 0;
    std::string bytes;
    std::size_t used = 0;
    for (;;) {
        if (used == bytes.size()) {
            const auto wanted = used == 0 ? expected + 1 : 2 * used;
            bytes.resize(std::clamp(wanted, used + 1, std::max(limit, kLeastRoom) + 1));
        }
        const auto got = ::read(fd.get(), bytes.data() + used, bytes.size() - used);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            throw_errno("read a file");
        }
        if (got == 0) {
            bytes.resize(used);
            return bytes;
        }
        used += static_cast<std::size_t>(got);
        if (used > limit) {
            throw Error{
                ErrorKind::invalid,
                fmt::format("file is longer than the limit of {} bytes", limit)};
        }
    }
}

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
    const auto fd = open_file(path, O_RDONLY);
    try {
        return read_all(fd, limit);
    } catch (const Error& error) {
        throw error.while_(fmt::format("read '{}'", path.native()));
    }
}

std::string read_private_file(const std::filesystem::path& path, std::size_t limit) {
    const auto fd = open_file(path, O_RDONLY);

    struct stat status {};

    if (::fstat(fd.get(), &status) != 0) {
        throw_errno(fmt::format("look at '{}'", path.native()));
    }
    if ((status.st_mode & 077U) != 0) {
        throw Error{
            ErrorKind::denied,
            fmt::format(
                "'{}' may be read by others (mode {:04o})", path.native(), status.st_mode & 07777U
            )}
            .hint(fmt::format("chmod 600 '{}'", path.native()));
    }
    return read_all(fd, limit);
}

void write_all(const Fd& fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(fd.get(), bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            throw_errno("write a file");
        }
        bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
}

namespace {

std::filesystem::path folder_of(const std::filesystem::path& path) {
    const auto folder = path.parent_path();
    return folder.empty() ? "." : folder;
}

void sync(const Fd& fd, const std::filesystem::path& path) {
    if (::fsync(fd.get()) != 0) {
        throw_errno(fmt::format("sync '{}'", path.native()));
    }
}

/// Removes a half-written temporary file when it was not renamed to its place.
class Unfinished {
  public:
    explicit Unfinished(const std::filesystem::path& path) : path_{path} {}

    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;

    ~Unfinished() {
        if (!done_) {
            ::unlink(path_.c_str());
        }
    }

    void done() noexcept { done_ = true; }

  private:
    const std::filesystem::path& path_;
    bool done_ = false;
};

}  // namespace

void write_file_durably(const std::filesystem::path& path, std::string_view bytes, unsigned mode) {
    const auto folder = folder_of(path);
    const auto temporary =
        folder /
        fmt::format(".{}.{:02x}.new", path.filename().native(), fmt::join(random_bytes<6>(), ""));
    auto file = open_file(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    Unfinished unfinished{temporary};
    try {
        write_all(file, bytes);
    } catch (const Error& error) {
        throw error.while_(fmt::format("write '{}'", path.native()));
    }
    if (::fchmod(file.get(), mode) != 0) {
        throw_errno(fmt::format("set the mode of '{}'", path.native()));
    }
    sync(file, path);
    file.close();
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        throw_errno(fmt::format("replace '{}'", path.native()));
    }
    unfinished.done();
    sync_path(folder);
}

void sync_path(const std::filesystem::path& path) {
    sync(open_file(path, O_RDONLY), path);
}

void write_kernel_file(const std::filesystem::path& path, std::string_view text) {
    const auto fd = open_file(path, O_WRONLY);
    if (::write(fd.get(), text.data(), text.size()) < 0) {
        throw_errno(fmt::format("write '{}' to '{}'", text, path.native()));
    }
}

}  // namespace kiln::os
