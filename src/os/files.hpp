#pragma once

#include "base/bytes.hpp"
#include "os/fd.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace kiln::os {

/// Removes a folder and all below it, never following a link and never crossing into another file
/// system. A folder already gone is success. @throws Error by errno, naming the entry
void remove_tree(const std::filesystem::path& path);

/// A folder of its own, removed with all below it at the end.
class TempDir {
  public:
    TempDir() = default;
    TempDir(TempDir&&) noexcept;
    TempDir& operator=(TempDir&&) noexcept;
    ~TempDir();

    /// Makes exactly `path` (mode 0700). @throws Error conflict: it exists
    static TempDir make(const std::filesystem::path& path);
    /// Makes `parent/stem-XXXXXX`.
    static TempDir unique(const std::filesystem::path& parent, std::string_view stem);

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    /// Removes now. @throws Error by errno
    void remove();
    /// Keeps the folder; it is the caller's from now on.
    std::filesystem::path release() noexcept;

  private:
    explicit TempDir(std::filesystem::path path) : path_{std::move(path)} {}

    std::filesystem::path path_;
};

/// An exclusive flock(2) on a file, held until the object or the process ends.
class FileLock {
  public:
    FileLock() = default;
    FileLock(FileLock&&) noexcept = default;
    FileLock& operator=(FileLock&&) noexcept;

    ~FileLock() { release(); }

    enum class Mode { exclusive, shared };
    /// Waits for it. @throws Error by errno
    static FileLock acquire(const std::filesystem::path& path, Mode mode = Mode::exclusive);
    /// @returns  an empty lock when someone holds it
    static FileLock try_acquire(const std::filesystem::path& path, Mode mode = Mode::exclusive);

    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(fd_); }

    /// Unlocks: closing alone would leave the lock to a child that another thread is just starting,
    /// which has a copy of the descriptor until it executes its program.
    void release() noexcept;

  private:
    explicit FileLock(Fd fd) : fd_{std::move(fd)} {}

    Fd fd_;
};

/// Free room for unprivileged writers below `path`.
[[nodiscard]] Bytes free_space(const std::filesystem::path& path);

/// What a file really takes on disk (holes not counted).
[[nodiscard]] Bytes allocated_size(const std::filesystem::path& path);

}  // namespace kiln::os
