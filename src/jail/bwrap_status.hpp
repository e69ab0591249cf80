#pragma once

#include <optional>
#include <string_view>

namespace kiln::jail {

/// What bubblewrap says on `--json-status-fd`, one JSON object to a line.
struct BwrapStatus {
    int first_process = 0;  ///< the jail's process 1, by the host's number; 0 before it exists
    std::optional<int> exit_code;  ///< there only when the jail was set up and exec was tried
};

/// Pure. What cannot be read is skipped: the stream may end anywhere when bubblewrap is killed.
[[nodiscard]] BwrapStatus parse_bwrap_status(std::string_view text);

}  // namespace kiln::jail
