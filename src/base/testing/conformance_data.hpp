#pragma once

#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace kiln {

/// A file of the suites that others' systems wrote: in the folder that KILN_CONFORMANCE names, by
/// default ../shared/conformance beside the sources. It need not be there: a test then says so and
/// is skipped.
/// @param part  "sigv4/suite.json"
inline std::filesystem::path conformance_data(std::string_view part) {
    const auto* const folder = std::getenv("KILN_CONFORMANCE");
    const auto root = folder != nullptr
                          ? std::filesystem::path{folder}
                          : std::filesystem::path{KILN_SOURCE_DIR} / "../shared/conformance";
    return root / part;
}

}  // namespace kiln
