#pragma once

#include "os/guest_root.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::images {

/// A kernel inside an image, to be booted from outside.
struct GuestKernel {
    std::string kernel;                 ///< "/boot/vmlinuz-6.1.0-18-cloud-amd64"
    std::optional<std::string> initrd;  ///< its initial file system, where there is one
};

/// The newest of the names in /boot: versions are compared as numbers, rescue kernels come last.
/// The initrd is the one of the same version, as Debian, Red Hat, Arch or Alpine name it. Pure.
[[nodiscard]] std::optional<GuestKernel> choose_kernel(const std::vector<std::string>& boot);

/// Is version `a` older than `b`? Runs of digits are numbers. Pure.
[[nodiscard]] bool older_version(std::string_view a, std::string_view b) noexcept;

/// The kernel of a mounted root: the newest in /boot, else /vmlinuz with /initrd.img.
/// @throws Error  not_found: the image has no kernel; the hint says what to install
[[nodiscard]] GuestKernel find_kernel(const os::GuestRoot& guest);

}  // namespace kiln::images
