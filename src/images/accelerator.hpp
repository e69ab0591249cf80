#pragma once

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <string>

namespace kiln::images {

/// Does QEMU run a guest with this accelerator ("kvm", "tcg")? Tried with a boot sector that leaves
/// by itself; a guest that does not within `patience` is killed. That /dev/kvm exists proves
/// nothing: in nested machines it may be there and never run an instruction. Costs a tenth of a
/// second when it works, `patience` when it hangs: worth remembering per boot
/// (/proc/sys/kernel/random/boot_id).
/// @param folder  for a file of 512 bytes; removed again
[[nodiscard]] bool accelerator_works(
    const std::string& accelerator,
    const std::filesystem::path& folder,
    std::chrono::milliseconds patience,
    const std::stop_token& stop
);

/// accelerator_works("kvm") within 2 s. False at once when /dev/kvm cannot be opened.
[[nodiscard]] bool kvm_works(const std::filesystem::path& folder, const std::stop_token& stop);

}  // namespace kiln::images
