#pragma once

#include "net/http.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::net {

/// What of a response does not stand in its header, and the server adds.
struct Framing {
    enum class Body { sized, chunked, until_close };

    Body body = Body::sized;
    std::uint64_t size = 0;  ///< of a sized one
    bool keep_alive = true;
    bool http_1_1 = true;
    std::string_view date;
};

/// Status line and fields, with the empty line at their end. Content-Length, Transfer-Encoding,
/// Connection and Date of `response` are not heeded. To be called with what `response_problem` lets
/// pass.
[[nodiscard]] std::string head_text(const Response& response, const Framing& framing);

/// What of a response cannot be sent: a status that is none, a field that would end its line.
/// nullopt: it can.
[[nodiscard]] std::optional<std::string> response_problem(const Response& response);

/// Has an answer of this status no body, whatever its request? RFC 9110, 15: 204, 304.
[[nodiscard]] bool never_has_body(unsigned status) noexcept;

/// "Sun, 06 Nov 1994 08:49:37 GMT". RFC 9110, 5.6.7.
[[nodiscard]] std::string http_date(std::chrono::sys_seconds time);

}  // namespace kiln::net
