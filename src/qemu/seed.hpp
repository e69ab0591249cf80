#pragma once

#include "qemu/iso.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace kiln::qemu {

/// cloud-init looks for a disk of this name, in small or capital letters (ISO 9660 has no others).
/// Source: its documentation, "NoCloud"
inline constexpr const char* kSeedLabel = "cidata";

/// What a machine is told by its seed disk.
struct Seed {
    std::string instance_id;  ///< a new one makes cloud-init run everything anew
    std::string hostname;
    std::string ssh_key;  ///< "" none; root's and the default user's
    std::string user_data;
    std::vector<std::string> nameservers;  ///< empty: those that DHCP gives
    /// It powers itself off this long after its start.
    std::optional<std::chrono::seconds> lifetime;
};

/// The files of a NoCloud seed: meta-data, user-data, vendor-data, network-config. Pure.
/// What is in vendor-data (root may log in, the timer) gives way to the same keys of user data.
[[nodiscard]] std::vector<IsoFile> seed_files(const Seed& seed);

}  // namespace kiln::qemu
