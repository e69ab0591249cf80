#pragma once

#include "base/time.hpp"
#include "disk/root_disk.hpp"
#include "images/guest_kernel.hpp"
#include "images/task.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::images {

enum class Accelerator { emulation, kvm };

struct BootOptions {
    std::vector<std::string> markers;  ///< empty: default_markers()
    std::chrono::seconds patience{300};
    Bytes memory{std::uint64_t{512} << 20};
    unsigned processors = 2;
    std::string architecture = "x86_64";  ///< EC2's word
    Accelerator accelerator = Accelerator::emulation;
    /// Gets the console as it comes, raw bytes.
    std::function<void(std::string_view)> console;
};

struct BootResult {
    std::string marker;  ///< the one that was seen
    Duration took{0};    ///< from the start of QEMU
    std::string tail;    ///< the console's last lines
};

/// How a disk is started.
enum class Firmware {
    bios,
    uefi,
    kernel,  ///< no loader on it, a bare file system: its kernel is taken out and started directly
};

/// Pure: a bare file system needs its kernel handed over; a GPT with an EFI partition and none for
/// BIOS boot code needs UEFI; all else is tried with BIOS (x86) or UEFI (arm64).
[[nodiscard]] Firmware choose_firmware(const disk::Layout& layout, const std::string& architecture);

/// What a disk is started from.
struct Machine {
    std::filesystem::path disk;
    Firmware firmware = Firmware::bios;
    std::filesystem::path kernel;  ///< a copy on this host, for Firmware::kernel
    std::optional<std::filesystem::path> initrd;
    std::filesystem::path uefi;  ///< the firmware's file, for Firmware::uefi
};

/// Looks at a disk and takes out of it what it must be handed to start; copies lie in the task's
/// folder. The disk is only read.
/// @throws Error  not_found: no kernel in a bare file system, no UEFI firmware on this host
[[nodiscard]] Machine look_at_disk(
    const Task& task, const std::filesystem::path& device, const std::string& architecture
);

/// What QEMU is told. Pure.
[[nodiscard]] std::vector<std::string> machine_arguments(
    const Machine& machine, const BootOptions& options
);

/// Boots a disk in a virtual machine without network, and waits for a marker on its serial console.
/// What the machine writes goes to a throw-away overlay: the disk is only read. QEMU is dead on
/// return.
/// @param device  a block device, or a file that stands for one
/// @throws Error  internal: the machine failed or stopped without a marker; the console's end is in
///                the message · timed_out: no marker in `patience` · not_found: no kernel in the
///                image, no QEMU for this architecture · cancelled
BootResult boot_device(
    const Task& task, const std::filesystem::path& device, const BootOptions& options
);

/// The same of what a snapshot holds, on a volume of its own that is removed again.
BootResult boot_snapshot(const Task& task, const SnapshotId& snapshot, const BootOptions& options);

}  // namespace kiln::images
