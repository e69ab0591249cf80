#pragma once

#include "cli/remote.hpp"

namespace kiln {

/// Requests by net::HttpClient.
class HttpWire final : public cli::Wire {
  public:
    net::ClientResponse send(const net::ClientRequest& request, const std::stop_token& stop)
        override {
        return client_.send(request, stop);
    }

    net::ClientResponse stream(
        const net::ClientRequest& request,
        const std::function<void(std::string_view)>& piece,
        const std::stop_token& stop
    ) override {
        return client_.stream(request, piece, stop);
    }

  private:
    net::HttpClient client_;
};

}  // namespace kiln
