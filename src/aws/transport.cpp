#include "aws/transport.hpp"

#include <memory>

namespace kiln::aws {

Transport http_transport(net::ClientOptions options) {
    auto client = std::make_shared<net::HttpClient>(std::move(options));
    return [client](const net::ClientRequest& request, const std::stop_token& stop) {
        return client->send(request, stop);
    };
}

}  // namespace kiln::aws
