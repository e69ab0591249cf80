#pragma once

#include "api/errors.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "net/responder.hpp"

#include <string>
#include <string_view>

namespace kiln::api {

/// The duty to answer one call to a native route, now or later, from any thread; move-only.
/// Each answer carries the request's id (X-Request-Id) and is not to be cached.
class Reply {
  public:
    Reply(net::Responder responder, std::string request_id, ErrorShape errors = error_body)
        : responder_{std::move(responder)}, request_id_{std::move(request_id)}, errors_{errors} {}

    void send(unsigned status, const json::value& document, net::Headers headers = {});
    void text(unsigned status, std::string body, std::string_view type);
    /// The error's status and body; what is kiln's own fault is logged. A status of its own: what
    /// HTTP itself has words for.
    void error(const Error& error);
    void error(unsigned status, const Error& error, net::Headers headers = {});
    /// Begins an answer that is sent piece by piece.
    [[nodiscard]] net::Stream stream(std::string_view type, std::string first);

    /// Not used yet?
    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(responder_); }

  private:
    [[nodiscard]] net::Headers headers(std::string_view type, net::Headers more) const;

    net::Responder responder_;
    std::string request_id_;
    ErrorShape errors_;
};

}  // namespace kiln::api
