#include "net/request_reader.hpp"

#include "net/request_rules.hpp"

#include <limits>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <fmt/format.h>

namespace kiln::net {

namespace {

namespace http = boost::beast::http;
using ErrorCode = boost::beast::error_code;
using Text = boost::beast::string_view;

/// Of one request. A field costs far more memory than its bytes.
constexpr std::size_t kMostFields = 200;

Refused refused_for(const ErrorCode& error) {
    if (error == http::error::header_limit) {
        return {431, "the request's header is longer than this server takes"};
    }
    if (error == http::error::body_limit) {
        return {413, "the request's body is longer than this server takes"};
    }
    if (error == http::error::bad_version) {
        return {505, "this server speaks HTTP/1.1 and HTTP/1.0"};
    }
    return {400, fmt::format("not a request of HTTP/1.1: {}", error.message())};
}

/// The shortest end of a chunked body.
constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace

/// Beast's parser, writing into our own request.
class RequestReader::Parser : public http::basic_parser<true> {
  public:
    Request request;
    bool in_header = true;
    bool http_1_1 = true;

  private:
    void on_request_impl(http::verb, Text method, Text target, int version, ErrorCode&) override {
        http_1_1 = version >= 11;
        request.method.assign(method.data(), method.size());
        request.target.assign(target.data(), target.size());
    }

    void on_response_impl(int, Text, int, ErrorCode&) override {}

    void on_field_impl(http::field, Text name, Text value, ErrorCode& error) override {
        if (!in_header) {
            return;  // after a chunked body: may not overrule what was judged
        }
        if (request.headers.all().size() == kMostFields) {
            error = http::error::header_limit;
            return;
        }
        request.headers.add(
            std::string{name.data(), name.size()}, std::string{value.data(), value.size()}
        );
    }

    void on_header_impl(ErrorCode&) override { in_header = false; }

    void on_body_init_impl(const boost::optional<std::uint64_t>& size, ErrorCode&) override {
        // What is announced is no reason to take memory; what comes is.
        constexpr std::uint64_t kFirst = 64U << 10;
        request.body.reserve(std::min(size.value_or(0), kFirst));
    }

    std::size_t on_body_impl(Text bytes, ErrorCode&) override {
        request.body.append(bytes.data(), bytes.size());
        return bytes.size();
    }

    void on_chunk_header_impl(std::uint64_t, Text, ErrorCode&) override {}

    std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, ErrorCode&) override {
        request.body.append(bytes.data(), bytes.size());
        return bytes.size();
    }

    void on_finish_impl(ErrorCode&) override {}
};

RequestReader::RequestReader(Limits limits) : limits_{limits} {}

RequestReader::~RequestReader() = default;

bool RequestReader::untouched() const noexcept {
    return state_ == State::header && header_bytes_ == 0 && rest_.empty();
}

std::size_t RequestReader::body_size() const noexcept {
    return parser_ ? parser_->request.body.size() : 0;
}

bool RequestReader::wants_continue() const noexcept {
    return parser_ && http_1_1_ &&
           same_name(parser_->request.headers.value_or("Expect", ""), "100-continue");
}

RequestReader::State RequestReader::fail(unsigned status, std::string message) {
    failure_ = {status, std::move(message)};
    keep_alive_ = false;
    return state_ = State::failed;
}

RequestReader::State RequestReader::header_done() {
    auto& request = parser_->request;
    request.received = std::chrono::steady_clock::now();
    keep_alive_ = parser_->keep_alive();
    head_method_ = request.method == "HEAD";
    if (auto problem = settle_header(request, http_1_1_)) {
        return fail(problem->status, std::move(problem->message));
    }
    return state_ = State::body;
}

/// Parses from the front of `bytes` and removes what is done with.
RequestReader::State RequestReader::parse(std::string_view& bytes) {
    const bool in_header = parser_->in_header;
    const auto body_before = parser_->request.body.size();
    ErrorCode error;
    const auto used = parser_->put({bytes.data(), bytes.size()}, error);
    bytes.remove_prefix(used);
    (in_header ? header_bytes_ : framing_bytes_) += used;
    if (!in_header) {
        framing_bytes_ -= parser_->request.body.size() - body_before;
    }
    if (error && error != http::error::need_more) {
        // A body that is too long is found out before the header is handed on: it still tells HEAD.
        head_method_ = parser_->request.method == "HEAD";
        auto refused = refused_for(error);
        return fail(refused.status, std::move(refused.message));
    }
    if (in_header && parser_->is_header_done()) {
        http_1_1_ = parser_->http_1_1;
        header_done();
    }
    if (state_ == State::body && parser_->is_done()) {
        state_ = State::complete;
    }
    return state_;
}

/// Parses as far as it goes. @returns how many bytes of `bytes` are done with
std::size_t RequestReader::advance(std::string_view bytes) {
    const auto size = bytes.size();
    if (state_ == State::header && header_bytes_ == 0) {
        while (bytes.starts_with("\r\n")) {  // RFC 9112, 2.2: empty lines before a request
            bytes.remove_prefix(2);
        }
        if (bytes == "\r") {  // half of one: the parser must not see it
            return size - 1;
        }
    }
    if (!parser_ && !bytes.empty()) {
        parser_ = std::make_unique<Parser>();
        parser_->header_limit(static_cast<std::uint32_t>(limits_.header));
        parser_->body_limit(limits_.body);
    }
    for (auto before = bytes.size() + 1; before != bytes.size() && !bytes.empty();) {
        before = bytes.size();
        if (state_ == State::body && parser_->chunked() && bytes.starts_with('0') &&
            bytes.size() < kLastChunk.size()) {
            break;  // Beast asserts that it gets as much of a last chunk that is a body's first
        }
        if (const auto state = parse(bytes); state == State::complete || state == State::failed) {
            break;
        }
    }
    return size - bytes.size();
}

RequestReader::State RequestReader::feed(std::string_view bytes) {
    if (rest_.empty()) {
        bytes.remove_prefix(advance(bytes));
        rest_ = bytes;
    } else {
        rest_.append(bytes);
        rest_.erase(0, advance(rest_));
    }
    if (state_ == State::header && header_bytes_ + rest_.size() > limits_.header) {
        return fail(431, "the request's header is longer than this server takes");
    }
    // A chunk may be one byte with its five of framing; a kilobyte of extension to each is no body.
    if (state_ == State::body && framing_bytes_ + rest_.size() > limits_.header + 8 * body_size()) {
        return fail(400, "more chunk framing than body");
    }
    return state_;
}

Request RequestReader::take() {
    auto request = std::move(parser_->request);
    parser_.reset();
    return request;
}

RequestReader::State RequestReader::next() {
    parser_.reset();
    header_bytes_ = framing_bytes_ = 0;
    state_ = State::header;
    return rest_.empty() ? state_ : feed({});
}

}  // namespace kiln::net
