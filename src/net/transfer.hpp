#pragma once

#include "base/bytes.hpp"
#include "base/deadline.hpp"
#include "base/error.hpp"
#include "net/url.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace kiln::net {

/// One GET without redirects.
struct Get {
    Url url;
    bool with_credentials = false;  ///< send the URL's user and password
    /// Bytes of a 2xx answer's body; may throw, which ends the transfer.
    std::function<void(std::string_view)> body;
    /// total: 0 while it is not known; may throw.
    std::function<void(Bytes done, Bytes total)> progress;
};

struct Answer {
    long status = 0;
    std::string redirect;  ///< absolute, "" where none
    std::optional<std::chrono::seconds> retry_after;
};

/// @throws Error  unavailable: no answer · timed_out · cancelled · denied: certificate not trusted,
///                and whatever `body` and `progress` throw
[[nodiscard]] Answer perform(const Get& get, const std::stop_token& stop, Deadline deadline);

/// What an answer that is neither 2xx nor a redirect means.
[[nodiscard]] Error status_error(const Answer& answer, const Url& url);

}  // namespace kiln::net
