#pragma once

#include "base/bytes.hpp"
#include "base/deadline.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace kiln::net {

struct Download {
    std::string url;                    ///< https://; http:// to loopback only
    std::optional<std::string> sha256;  ///< 64 hex digits that the body must have
    Bytes limit;                        ///< a longer body is refused
};

/// Fetches a URL into a new file. The proxy of the environment is used; redirects stay on https.
/// @throws Error  invalid: wrong checksum, scheme, too long · not_found: 404 · denied: 401, 403
///                unavailable: no answer, 5xx · timed_out · cancelled
/// Neither message nor log shows the URL's user part or query.
void download(
    const Download& what,
    const std::filesystem::path& to,
    const std::function<void(Bytes done, Bytes total)>& progress,
    const std::stop_token& stop,
    Deadline deadline
);

}  // namespace kiln::net
