#pragma once

#include "base/deadline.hpp"
#include "inspect/package.hpp"
#include "os/guest_root.hpp"

#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::inspect {

/// The installed ones of dpkg's status database (deb822 paragraphs). Pure. A paragraph without a
/// package's name or version is left out, as dpkg itself leaves those of unknown packages.
/// Source: deb822(5), dpkg(1) "package states".
[[nodiscard]] Packages parse_dpkg_status(std::string_view text);

/// The `--queryformat` whose output parse_rpm_query reads: one package to a line, fields by tabs.
[[nodiscard]] std::string rpm_query_format();
[[nodiscard]] Packages parse_rpm_query(std::string_view text);

/// apk's installed database, /lib/apk/db/installed. Source: Alpine wiki, "Apk spec".
[[nodiscard]] Packages parse_apk_installed(std::string_view text);

struct PackageList {
    Packages packages;
    /// What could not be read and why: an rpm database on a host without rpm.
    std::vector<std::string> notes;
};

/// Reads every package database of a mounted root: dpkg's, rpm's (by the host's rpm program),
/// apk's.
/// @param mounted  the folder that `guest` was made of; rpm is given it as its --root
/// @throws Error  internal: rpm failed · cancelled · timed_out
[[nodiscard]] PackageList read_packages(
    const os::GuestRoot& guest,
    const std::filesystem::path& mounted,
    const std::stop_token& stop,
    Deadline deadline
);

}  // namespace kiln::inspect
