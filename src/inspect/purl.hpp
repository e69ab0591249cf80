#pragma once

#include "inspect/os_release.hpp"
#include "inspect/package.hpp"

#include <string>
#include <string_view>

namespace kiln::inspect {

/// The package URL of an installed package:
/// "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12". Source: package-url specification,
/// PURL-TYPES (deb, rpm, apk). Pure.
[[nodiscard]] std::string package_url(const Package& package, const OsRelease& release);

/// The declared license as an SPDX expression, or "NOASSERTION" when any word of it is not on
/// SPDX's list as known here: a wrong claim is worse than none. Pure.
[[nodiscard]] std::string spdx_license(std::string_view declared);

}  // namespace kiln::inspect
