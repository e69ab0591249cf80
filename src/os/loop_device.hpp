#pragma once

#include "base/bytes.hpp"
#include "base/deadline.hpp"
#include "os/fd.hpp"

#include <filesystem>
#include <string>
#include <vector>

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
    ~LoopDevice() = default;

    /// @param offset, size  multiples of 512; size 0 = to the end
    /// @param direct_io  past the page cache; done without, with a debug line, when the backing
    /// cannot
    /// @throws Error  denied: no CAP_SYS_ADMIN · exhausted: no free device by the deadline ·
    ///   invalid: offset or size not aligned
    /// Source: loop(4), LOOP_CONFIGURE since Linux 5.8.
    static LoopDevice attach(
        const std::filesystem::path& backing,
        Bytes offset,
        Bytes size,
        Access access,
        DirectIo direct_io,
        Deadline deadline
    );

    /// "/dev/loop3"
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    /// A file that does not allow it is read and written through the page cache.
    [[nodiscard]] bool direct_io() const;

    /// Closes our hold and waits, up to 10 s, until the kernel has let go of the backing file.
    /// @throws Error  conflict: someone else still holds it
    void detach();

  private:
    Fd fd_;
    std::filesystem::path path_;
    std::string backing_;  ///< as the kernel names it
};

/// The loop devices over a backing file, "/dev/loop3", also when that file was removed meanwhile.
[[nodiscard]] std::vector<std::filesystem::path> loop_devices_over(
    const std::filesystem::path& backing
);

/// Detaches every loop device over `backing`, whoever made it; none is success. For the sweeper.
/// @throws Error  conflict: someone still holds one at the deadline
void detach_loop_devices(const std::filesystem::path& backing, Deadline deadline);

}  // namespace kiln::os
