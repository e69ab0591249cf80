#include "os/files.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "os/folder.hpp"

#include <cerrno>
#include <stdlib.h>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace kiln::os {

void remove_tree(const std::filesystem::path& path) {
    auto named = path.lexically_normal();
    if (!named.has_filename()) {
        named = named.parent_path();  // "folder/"
    }
    const auto name = named.filename().native();
    if (name.empty() || name == "." || name == "..") {
        throw Error{
            ErrorKind::invalid, fmt::format("remove '{}': the path names no entry", path.native())};
    }
    const auto folder = named.has_parent_path() ? named.parent_path() : std::filesystem::path{"."};
    const Fd parent{::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!parent) {
        if (errno == ENOENT) {
            return;
        }
        throw_errno(fmt::format("remove '{}'", path.native()));
    }
    remove_entry(parent.get(), name, named.native());
}

TempDir::TempDir(TempDir&& other) noexcept : path_{other.release()} {}

TempDir& TempDir::operator=(TempDir&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
}

TempDir::~TempDir() {
    try {
        remove();
    } catch (const std::exception& error) {
        log_warning(
            "folder.left_behind", {{"folder", path_.native()}, {"error", std::string{error.what()}}}
        );
    }
}

TempDir TempDir::make(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), 0700) != 0) {
        throw_errno(fmt::format("make folder '{}'", path.native()));
    }
    return TempDir{path};
}

TempDir TempDir::unique(const std::filesystem::path& parent, std::string_view stem) {
    auto name = (parent / fmt::format("{}-XXXXXX", stem)).native();
    if (::mkdtemp(name.data()) == nullptr) {
        throw_errno(fmt::format("make a folder in '{}'", parent.native()));
    }
    return TempDir{std::filesystem::path{std::move(name)}};
}

void TempDir::remove() {
    if (!path_.empty()) {
        remove_tree(path_);
        path_.clear();
    }
}

std::filesystem::path TempDir::release() noexcept {
    std::filesystem::path path;
    std::swap(path, path_);
    return path;
}

namespace {

int operation(FileLock::Mode mode) {
    return mode == FileLock::Mode::shared ? LOCK_SH : LOCK_EX;
}

/// The holder before us may have removed the file that we waited on; the name then means another.
bool still_named(const Fd& fd, const std::filesystem::path& path) {
    struct stat held {};

    struct stat named {};

    return ::fstat(fd.get(), &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
           held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/// @returns  an empty Fd when `flags` has LOCK_NB and someone holds it
Fd lock(const std::filesystem::path& path, int flags) {
    for (;;) {
        auto fd = open_file(path, O_RDWR | O_CREAT | O_NOCTTY, 0600);
        while (::flock(fd.get(), flags) != 0) {
            if (errno == EWOULDBLOCK) {
                return {};
            }
            if (errno != EINTR) {
                throw_errno(fmt::format("lock '{}'", path.native()));
            }
        }
        if (still_named(fd, path)) {
            return fd;
        }
    }
}

}  // namespace

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    if (this != &other) {
        release();
        fd_ = std::move(other.fd_);
    }
    return *this;
}

void FileLock::release() noexcept {
    if (fd_) {
        ::flock(fd_.get(), LOCK_UN);
        fd_ = Fd{};
    }
}

FileLock FileLock::acquire(const std::filesystem::path& path, Mode mode) {
    return FileLock{lock(path, operation(mode))};
}

FileLock FileLock::try_acquire(const std::filesystem::path& path, Mode mode) {
    return FileLock{lock(path, operation(mode) | LOCK_NB)};
}

Bytes free_space(const std::filesystem::path& path) {
    struct statvfs status {};

    if (::statvfs(path.c_str(), &status) != 0) {
        throw_errno(fmt::format("measure free space at '{}'", path.native()));
    }
    return {std::uint64_t{status.f_bavail} * status.f_frsize};
}

Bytes allocated_size(const std::filesystem::path& path) {
    constexpr std::uint64_t kStatBlock = 512;  // st_blocks' unit: stat(2)

    struct stat status {};

    if (::stat(path.c_str(), &status) != 0) {
        throw_errno(fmt::format("measure '{}'", path.native()));
    }
    return {static_cast<std::uint64_t>(status.st_blocks) * kStatBlock};
}

}  // namespace kiln::os
