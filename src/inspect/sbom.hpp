#pragma once

#include "base/json.hpp"
#include "base/time.hpp"
#include "inspect/os_release.hpp"
#include "inspect/package.hpp"

#include <string>

namespace kiln::inspect {

/// What an SBOM is about.
struct SbomSubject {
    std::string image;         ///< id of the image
    std::string name;          ///< of the image
    std::string architecture;  ///< EC2's word
    OsRelease release;
    TimePoint created;  ///< when the document is made, given: same input, same document
    std::string tool;   ///< "kiln-0.1.0"
};

/// An SPDX 2.3 document of the packages: the image DESCRIBES'd by the document and CONTAINing each.
/// Versions, purls and the declared license where it is an SPDX expression; NOASSERTION elsewhere.
/// Pure. Source: SPDX specification 2.3, clauses 6, 7, 11.
[[nodiscard]] json::object spdx_document(const SbomSubject& subject, const Packages& packages);

}  // namespace kiln::inspect
