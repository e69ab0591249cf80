#include "base/error.hpp"
#include "net/client.hpp"

namespace kiln::net {
class HttpClient::Impl {};

HttpClient::HttpClient(ClientOptions) {}

HttpClient::~HttpClient() = default;

ClientResponse HttpClient::send(const ClientRequest&, const std::stop_token&) {
    throw Error{ErrorKind::unavailable, "no client in this build yet"};
}

ClientResponse HttpClient::
    stream(const ClientRequest&, const std::function<void(std::string_view)>&, const std::stop_token&) {
    throw Error{ErrorKind::unavailable, "no client in this build yet"};
}
}  // namespace kiln::net
