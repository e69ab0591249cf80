#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <cerrno>
#include <filesystem>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::ports::testing {

/// A block device, or a file that stands for one, read and written at offsets.
class DeviceBytes {
  public:
    /// @param flags  of open(2)
    DeviceBytes(const std::filesystem::path& device, int flags)
        : fd_{::open(device.c_str(), flags | O_CLOEXEC)} {
        if (fd_ < 0) {
            throw_errno("open '" + device.string() + "'");
        }
    }

    DeviceBytes(DeviceBytes&&) = delete;

    ~DeviceBytes() { ::close(fd_); }

    /// Durable on return.
    void write(Bytes offset, const std::string& text) const {
        const auto n = ::pwrite(fd_, text.data(), text.size(), static_cast<off_t>(offset.count));
        if (n != static_cast<ssize_t>(text.size()) || ::fsync(fd_) != 0) {
            throw_errno("write to a device");
        }
    }

    [[nodiscard]] std::string read(Bytes offset, std::size_t length) const {
        std::string text(length, '?');
        const auto n = ::pread(fd_, text.data(), length, static_cast<off_t>(offset.count));
        if (n < 0) {
            throw_errno("read from a device");
        }
        text.resize(static_cast<std::size_t>(n));
        return text;
    }

    [[nodiscard]] Bytes size() const {
        return Bytes{static_cast<std::uint64_t>(::lseek(fd_, 0, SEEK_END))};
    }

  private:
    int fd_;
};

}  // namespace kiln::ports::testing
