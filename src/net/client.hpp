#pragma once

#include "base/bytes.hpp"
#include "base/deadline.hpp"
#include "net/http.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace kiln::net {

struct ClientRequest {
    std::string method = "GET";
    std::string url;  ///< https://…; http://… as `ClientOptions::plain` allows
    Headers headers;
    std::string body;
    Deadline deadline = Deadline::never();  ///< for the whole exchange
};

struct ClientResponse {
    unsigned status = 0;
    Headers headers;
    std::string body;
};

/// Where may be spoken to without TLS.
enum class PlainHttp { loopback_only, anywhere };

struct ClientOptions {
    PlainHttp plain = PlainHttp::loopback_only;
    Bytes max_body{64U << 20};  ///< a longer answer is refused
    /// In place of the system's certificates (which CURL_CA_BUNDLE and SSL_CERT_FILE name too).
    std::optional<std::filesystem::path> authorities;
};

/// HTTP/1.1 calls that block. Safe from several threads, each of which has a connection of its own
/// while it calls; connections are kept and used again. Follows no redirect, decodes nothing, and
/// does not judge the status: 404 is an answer. A request that went out on a kept connection which
/// the other side had closed meanwhile is sent once more by libcurl.
/// libcurl is loaded at the first call.
class HttpClient {
  public:
    explicit HttpClient(ClientOptions options = {});
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    ~HttpClient();

    /// @throws Error  invalid: URL, header field, scheme not allowed, answer longer than `max_body`
    ///                unavailable: no answer · timed_out · cancelled: `stop`
    ///                denied: certificate not trusted
    /// Neither message nor hint shows the URL's user part or query.
    ClientResponse send(const ClientRequest& request, const std::stop_token& stop = {});

    /// As `send`, but hands the body of a 2xx answer to `piece` as it comes, without a limit, and
    /// returns when it ends; another answer's body is in the response. What `piece` throws ends the
    /// call and passes through.
    ClientResponse stream(
        const ClientRequest& request,
        const std::function<void(std::string_view)>& piece,
        const std::stop_token& stop = {}
    );

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::net
