#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace kiln::os {

/// An open file descriptor. Move-only; closed at the end. Every descriptor is opened close-on-exec.
class Fd {
  public:
    Fd() = default;

    explicit Fd(int fd) noexcept : fd_{fd} {}

    Fd(Fd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}

    Fd& operator=(Fd&& other) noexcept;
    ~Fd();

    [[nodiscard]] int get() const noexcept { return fd_; }

    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

    /// Closes now. Never retried after EINTR (Linux has closed it by then).
    /// @throws Error  by errno: what was written may not be on disk
    void close();

  private:
    int fd_ = -1;
};

/// open(2) with O_CLOEXEC. @throws Error by errno, "open 'PATH'"
[[nodiscard]] Fd open_file(const std::filesystem::path& path, int flags, unsigned mode = 0644);

/// The whole of a file. @throws Error by errno · invalid: longer than `limit`
[[nodiscard]] std::string read_file(
    const std::filesystem::path& path, std::size_t limit = 64U << 20
);
/// A file with secrets. @throws Error  as `read_file` · denied: its mode lets others read or write
/// it
[[nodiscard]] std::string read_private_file(
    const std::filesystem::path& path, std::size_t limit = 64U << 20
);
[[nodiscard]] std::string read_all(const Fd& fd, std::size_t limit = 64U << 20);

void write_all(const Fd& fd, std::string_view bytes);

/// Writes `path` so that after a power cut it holds the old or the new bytes, whole: a temporary
/// file beside it, fsync, rename, fsync of the folder.
void write_file_durably(
    const std::filesystem::path& path, std::string_view bytes, unsigned mode = 0644
);

/// fsync of a file or folder by name. @throws Error by errno
void sync_path(const std::filesystem::path& path);

/// Writes a small kernel file (cgroup, sysfs) in one write. @throws Error by errno
void write_kernel_file(const std::filesystem::path& path, std::string_view text);

}  // namespace kiln::os
