#pragma once

#include "api/request_counters.hpp"
#include "api/router.hpp"
#include "net/server.hpp"

#include <functional>
#include <string>

namespace kiln::api {

/// AWS' protocols, which share the port.
struct AwsPart {
    /// Is it for AWS' protocols? Looks at target and headers only.
    std::function<bool(const net::Request&)> claims;
    net::Handler handle;
};

enum class AccessLog { no, yes };

/// The first to see a request: gives it an id, sees that its answer is counted and logged, and
/// hands it to the part that answers.
class Front {
  public:
    /// Both outlive this.
    Front(const Router& router, const AwsPart& aws, AccessLog log);

    void handle(net::Request request, net::Responder responder);

    [[nodiscard]] const RequestCounters& counters() const noexcept { return counters_; }

  private:
    [[nodiscard]] std::size_t route_of(const net::Request& request, bool aws) const;

    const Router& router_;
    const AwsPart& aws_;
    AccessLog log_;
    RequestCounters counters_;
};

/// A target as the log may show it: of its query only the names. Pure.
[[nodiscard]] std::string shown_target(const net::Request& request);

}  // namespace kiln::api
