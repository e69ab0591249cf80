#pragma once

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <string>

namespace kiln::images {

/// Does QEMU run a guest with this accelerator ("kvm", "tcg")? Tried with a boot sector that enters
/// long mode, works for a moment and leaves; a guest that has not left within `patience` is killed.
/// That /dev/kvm exists proves nothing: in nested machines it may never run an instruction, or
/// emulate each, at a hundredth of TCG's speed. Costs a tenth of a second when it works, `patience`
/// when it does not: worth remembering per boot (/proc/sys/kernel/random/boot_id).
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
