#pragma once

#include <cstdint>
#include <filesystem>

#include "base/bytes.hpp"
#include "os/fd.hpp"
#include "os/interrupt.hpp"

namespace kiln::os {

enum class Access { read_only, read_write };
enum class DirectIo { no, yes };

/// A loop device over a file or block device.
///
/// It detaches by itself when its last user closes it (LO_FLAGS_AUTOCLEAR), so a killed process
/// leaks nothing.
class LoopDevice {
  public:
    LoopDevice() = default;
    LoopDevice(LoopDevice&&) noexcept = default;
    LoopDevice& operator=(LoopDevice&&) noexcept = default;
    ~LoopDevice();

    /// @param offset  a multiple of 512; @param size  0 = to the end
    /// @throws Error  denied: no CAP_SYS_ADMIN · exhausted: no free device by the deadline
    /// Source: loop(4), LOOP_CONFIGURE since Linux 5.8.
    static LoopDevice attach(
        const std::filesystem::path& backing, Bytes offset, Bytes size, Access access,
        DirectIo direct_io, Deadline deadline
    );

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    /// Closes our hold and waits until the kernel has let go of the backing file.
    /// @throws Error  conflict: someone else still holds it
    void detach();

  private:
    Fd fd_;
    std::filesystem::path path_;
};

}  // namespace kiln::os
