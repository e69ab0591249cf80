#include "net/client.hpp"

#include "base/error.hpp"
#include "base/guarded.hpp"
#include "net/curl_transfer.hpp"
#include "net/response_head.hpp"
#include "net/url.hpp"

#include <vector>

#include <fmt/format.h>

namespace kiln::net {

namespace {

constexpr long kConnectSeconds = 30;
constexpr std::size_t kMostIdle = 32;  ///< transfers that are kept for their connections
constexpr Bytes kMostHeader{256U << 10};

/// What libcurl's callbacks see.
struct Exchange {
    const CurlTransfer& transfer;
    std::uint64_t limit;
    const std::function<void(std::string_view)>* piece;  ///< nullptr: the body is collected
    ClientResponse response;
    std::uint64_t header_bytes = 0;
    bool in_body = false;
    HeldFailure failure;
};

void take_body(Exchange& exchange, std::string_view bytes) {
    exchange.in_body = true;
    const auto status = exchange.transfer.status();
    if (exchange.piece != nullptr && status >= 200 && status < 300) {
        (*exchange.piece)(bytes);
        return;
    }
    auto& body = exchange.response.body;
    if (body.size() + bytes.size() > exchange.limit) {
        throw Error{
            ErrorKind::invalid,
            fmt::format("the answer is longer than {}", humanize(Bytes{exchange.limit}))};
    }
    body.append(bytes);
}

void take_header(Exchange& exchange, std::string_view line) {
    exchange.header_bytes += line.size();
    if (exchange.header_bytes > kMostHeader.count) {
        throw Error{ErrorKind::invalid, "the answer's header is too long"};
    }
    while (line.ends_with('\n') || line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    auto& headers = exchange.response.headers;
    if (line.starts_with("HTTP/")) {
        headers = {};  // what came before was "100 Continue"
        return;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || exchange.in_body) {
        return;  // the empty line, or what follows a chunked body
    }
    auto value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    headers.add(std::string{line.substr(0, colon)}, std::string{value});
}

template <void (*Take)(Exchange&, std::string_view)>
std::size_t on_bytes(char* bytes, std::size_t one, std::size_t count, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    const std::string_view text{bytes, one * count};
    return exchange.failure.guard([&] { Take(exchange, text); }) ? text.size() : 0;
}

/// libcurl's list of header lines.
class HeaderLines {
  public:
    HeaderLines() = default;
    HeaderLines(const HeaderLines&) = delete;
    HeaderLines& operator=(const HeaderLines&) = delete;

    ~HeaderLines() { curl_.slist_free_all(first_); }

    void add(const std::string& line) {
        auto* first = curl_.slist_append(first_, line.c_str());
        if (first == nullptr) {
            throw std::bad_alloc{};
        }
        first_ = first;
    }

    [[nodiscard]] curl_slist* get() const { return first_; }

  private:
    const CurlLibrary& curl_ = CurlLibrary::get();
    curl_slist* first_ = nullptr;
};

void add_lines(HeaderLines& lines, const Headers& headers) {
    // What libcurl would add by itself, and nobody asked for. An empty value takes a field away.
    for (const auto* name : {"Content-Type", "Accept", "Expect"}) {
        if (!headers.contains(name)) {
            lines.add(fmt::format("{}:", name));
        }
    }
    for (const auto& [name, value] : headers.all()) {
        if (same_name(name, "Content-Length") || same_name(name, "Transfer-Encoding")) {
            continue;
        }
        lines.add(value.empty() ? name + ';' : fmt::format("{}: {}", name, value));
    }
}

Url checked_url(const ClientRequest& request, PlainHttp plain) {
    auto url = parse_url(request.url);
    const bool plain_allowed = plain == PlainHttp::anywhere && url.scheme == "http";
    if (const auto problem = fetch_problem(url); problem && !plain_allowed) {
        throw Error{ErrorKind::invalid, fmt::format("{}: {}", url.shown(), *problem)};
    }
    if (request.method.empty() ||
        request.method.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != std::string::npos) {
        throw Error{ErrorKind::invalid, "the method of a request is upper-case letters"};
    }
    if (const auto problem = response_problem({.headers = request.headers})) {
        throw Error{ErrorKind::invalid, *problem};
    }
    return url;
}

void set_method(CurlTransfer& transfer, const ClientRequest& request) {
    const bool usually_has_body =
        request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
    if (request.method == "HEAD") {
        transfer.set(CURLOPT_NOBODY, 1L);
    } else if (usually_has_body || !request.body.empty()) {
        transfer.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        transfer.set(CURLOPT_POSTFIELDS, request.body.data());
        transfer.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    } else {
        transfer.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
}

void set_url(CurlTransfer& transfer, const Url& url) {
    transfer.set(CURLOPT_URL, url.target().c_str());
    transfer.set(CURLOPT_PROTOCOLS_STR, url.scheme.c_str());
    transfer.set(CURLOPT_PATH_AS_IS, 1L);  // a signature is over the path as it was written
    transfer.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    transfer.set(CURLOPT_FOLLOWLOCATION, 0L);
    transfer.set(CURLOPT_NOSIGNAL, 1L);
    transfer.set(CURLOPT_USERAGENT, "kiln");
    transfer.set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    transfer.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    transfer.set(CURLOPT_TCP_KEEPALIVE, 1L);
    if (url.loopback()) {
        transfer.set(CURLOPT_NOPROXY, "*");
    }
    if (!(url.user.empty() && url.password.empty())) {
        transfer.set(CURLOPT_USERNAME, percent_decoded(url.user).c_str());
        transfer.set(CURLOPT_PASSWORD, percent_decoded(url.password).c_str());
    }
}

}  // namespace

class HttpClient::Impl {
  public:
    explicit Impl(ClientOptions options) : options_{std::move(options)} {}

    ClientResponse call(
        const ClientRequest& request,
        const std::function<void(std::string_view)>* piece,
        const std::stop_token& stop
    ) {
        const auto url = checked_url(request, options_.plain);
        auto transfer = take();
        Exchange exchange{*transfer, options_.max_body.count, piece, {}};
        HeaderLines lines;
        add_lines(lines, request.headers);
        set_url(*transfer, url);
        set_method(*transfer, request);
        transfer->set_trust(options_.authorities);
        transfer->set(CURLOPT_HTTPHEADER, lines.get());
        transfer->set(CURLOPT_HEADERFUNCTION, &on_bytes<take_header>);
        transfer->set(CURLOPT_HEADERDATA, &exchange);
        transfer->set(CURLOPT_WRITEFUNCTION, &on_bytes<take_body>);
        transfer->set(CURLOPT_WRITEDATA, &exchange);
        const auto what = fmt::format("{} {}", request.method, url.shown());
        try {
            transfer->run("the call", stop, request.deadline);
        } catch (const Error& error) {
            exchange.failure.rethrow();  // what made libcurl stop says more than that it did
            throw error.while_(what);
        }
        exchange.response.status = static_cast<unsigned>(transfer->status());
        give_back(std::move(transfer));
        return std::move(exchange.response);
    }

  private:
    using Idle = std::vector<std::unique_ptr<CurlTransfer>>;

    /// The one that was used last: its connection is the likeliest to be open still.
    std::unique_ptr<CurlTransfer> take() {
        auto idle = idle_.lock();
        if (idle->empty()) {
            idle.raw().unlock();
            return std::make_unique<CurlTransfer>();
        }
        auto transfer = std::move(idle->back());
        idle->pop_back();
        return transfer;
    }

    /// After a failure it is dropped instead, and its connections with it.
    void give_back(std::unique_ptr<CurlTransfer> transfer) {
        transfer->reset();
        auto idle = idle_.lock();
        if (idle->size() < kMostIdle) {
            idle->push_back(std::move(transfer));
        }
    }

    ClientOptions options_;
    Guarded<Idle> idle_;
};

HttpClient::HttpClient(ClientOptions options) : impl_{std::make_unique<Impl>(std::move(options))} {}

HttpClient::~HttpClient() = default;

ClientResponse HttpClient::send(const ClientRequest& request, const std::stop_token& stop) {
    return impl_->call(request, nullptr, stop);
}

ClientResponse HttpClient::stream(
    const ClientRequest& request,
    const std::function<void(std::string_view)>& piece,
    const std::stop_token& stop
) {
    return impl_->call(request, &piece, stop);
}

}  // namespace kiln::net
