#pragma once

#include "net/http.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace kiln::net {

/// Why a request is not served: the status, and the words of its answer.
struct Refused {
    unsigned status = 400;
    std::string message;
};

/// Bytes of a connection -> requests, one after the other. Knows neither sockets nor time.
///
/// Stricter than RFC 9112 lets it be where proxies and servers have disagreed about where a request
/// ends: one Content-Length at most, no Transfer-Encoding but "chunked", never both, exactly one
/// Host. Fields after a chunked body are dropped.
class RequestReader {
  public:
    struct Limits {
        std::size_t header;
        std::size_t body;
    };

    enum class State {
        header,    ///< wants more bytes
        body,      ///< header is complete and good, wants more bytes
        complete,  ///< `take` it
        failed,    ///< see `failure`; nothing more can be read from this connection
    };

    explicit RequestReader(Limits limits);
    ~RequestReader();

    /// Takes all of `bytes`: what is beyond the end of the request is kept for the next one.
    State feed(std::string_view bytes);

    [[nodiscard]] State state() const noexcept { return state_; }

    /// Has no byte of the next request come yet?
    [[nodiscard]] bool untouched() const noexcept;

    [[nodiscard]] const Refused& failure() const noexcept { return failure_; }

    /// From State::body on.
    [[nodiscard]] bool wants_continue() const noexcept;

    [[nodiscard]] bool keep_alive() const noexcept { return keep_alive_; }

    [[nodiscard]] bool http_1_1() const noexcept { return http_1_1_; }

    [[nodiscard]] bool head_method() const noexcept { return head_method_; }

    /// Bytes of the body so far.
    [[nodiscard]] std::size_t body_size() const noexcept;

    /// The complete request; `next` has to follow before anything else is fed.
    [[nodiscard]] Request take();

    /// Begins the next request with what has come of it already.
    State next();

  private:
    class Parser;

    std::size_t advance(std::string_view bytes);
    State parse(std::string_view& bytes);
    State header_done();
    State fail(unsigned status, std::string message);

    Limits limits_;
    State state_ = State::header;
    std::unique_ptr<Parser> parser_;
    std::string rest_;               ///< came, and is not parsed yet
    std::size_t header_bytes_ = 0;   ///< parsed so far
    std::size_t framing_bytes_ = 0;  ///< of a body: sizes of chunks, extensions, trailers
    bool keep_alive_ = false;
    bool http_1_1_ = true;
    bool head_method_ = false;
    Refused failure_;
};

}  // namespace kiln::net
