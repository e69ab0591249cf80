#pragma once

#include "os/guest_root.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kiln::inspect {

/// What an image says of itself in /etc/os-release. Source: os-release(5).
struct OsRelease {
    std::string id;          ///< "debian"; "linux" where the file names none, as os-release(5) says
    std::string version_id;  ///< "12", "" for rolling ones
    std::string codename;    ///< "bookworm", ""
    std::string pretty_name;  ///< "Debian GNU/Linux 12 (bookworm)"; "Linux" where none

    bool operator==(const OsRelease&) const = default;
};

/// Reads the file's shell-like assignments; lines that are none are left out. Pure.
[[nodiscard]] OsRelease parse_os_release(std::string_view text);

/// /etc/os-release, else /usr/lib/os-release; nullopt when the root has neither.
[[nodiscard]] std::optional<OsRelease> read_os_release(const os::GuestRoot& guest);

/// The architecture of an ELF program in EC2's words, from its first 20 bytes; "riscv64",
/// "ppc64le", "s390x" for those EC2 has no word for. nullopt: no ELF, or a machine unknown here.
/// Pure.
[[nodiscard]] std::optional<std::string> elf_architecture(std::string_view head);

/// The same for dpkg's, rpm's, apk's and OCI's words: "amd64", "aarch64". Pure.
[[nodiscard]] std::optional<std::string> architecture_word(std::string_view word);

/// Of a mounted root: by the machine of /bin/sh, or of the first program found, else by dpkg's
/// word.
[[nodiscard]] std::optional<std::string> read_architecture(const os::GuestRoot& guest);

}  // namespace kiln::inspect
