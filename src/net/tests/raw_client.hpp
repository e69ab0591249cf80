#pragma once

#include "base/error.hpp"
#include "net/http.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kiln::net::testing {

/// A client that sends what it is told to, to the byte. Waits 20 s at most for anything.
class RawClient {
  public:
    /// To be connected later.
    RawClient() : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} { KILN_CHECK(fd_ >= 0); }

    explicit RawClient(std::uint16_t port, int receive_buffer = 0) : RawClient{} {
        if (receive_buffer > 0) {
            ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        }
        connect(port);
    }

    /// @param host  of loopback, the last number of its address: 1 of 127.0.0.1
    void connect(std::uint16_t port, std::uint32_t host = 1) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl((INADDR_LOOPBACK & 0xffffff00U) | host);
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        KILN_CHECK(::connect(fd_, generic, sizeof address) == 0);
    }

    RawClient(RawClient&& other) noexcept
        : fd_{std::exchange(other.fd_, -1)}, read_{std::move(other.read_)} {}

    RawClient& operator=(RawClient&&) = delete;

    ~RawClient() { hang_up(); }

    void hang_up() {
        if (fd_ >= 0) {
            ::close(std::exchange(fd_, -1));
        }
    }

    void finish_sending() { ::shutdown(fd_, SHUT_WR); }

    /// @returns false: the server does not take it
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// A whole request, with a body if there is one.
    bool ask(std::string_view line, std::string_view fields = "", std::string_view body = "") {
        return send(fmt::format(
            "{} HTTP/1.1\r\nHost: test\r\n{}{}\r\n{}",
            line,
            fields,
            body.empty() ? "" : fmt::format("Content-Length: {}\r\n", body.size()),
            body
        ));
    }

    struct Answer {
        unsigned status = 0;  ///< 0: none came
        Headers headers;
        std::string body;
        bool whole = false;  ///< the body ended as its header says
    };

    /// The next answer. @param to_head  the request was HEAD: no body comes
    Answer answer(bool to_head = false) {
        Answer found;
        const auto head = read_until("\r\n\r\n");
        if (head.empty()) {
            return found;
        }
        read_head(head, found);
        if (to_head || found.status == 204 || found.status == 304 || found.status < 200) {
            found.whole = true;
        } else if (found.headers.contains("Transfer-Encoding")) {
            found.whole = read_chunks(found.body);
        } else if (const auto size = found.headers.find("Content-Length")) {
            found.whole = read_exactly(std::stoul(std::string{*size}), found.body);
        } else {
            found.body = rest();
            found.whole = true;
        }
        return found;
    }

    /// One chunk of an answer whose head was read with `head`; "": the last one, or none came.
    std::string chunk() {
        const auto line = read_until("\r\n");
        std::string bytes;
        const auto size = line.empty() ? 0 : std::stoul(line, nullptr, 16);
        (void)read_exactly(size + 2, bytes);
        bytes.resize(std::min(bytes.size(), size));
        return bytes;
    }

    Answer head() {
        Answer found;
        const auto text = read_until("\r\n\r\n");
        if (!text.empty()) {
            read_head(text, found);
        }
        return found;
    }

    /// Everything up to the connection's end.
    std::string rest() {
        while (more()) {
        }
        return std::exchange(read_, {});
    }

    /// Does the server end the connection, without another byte?
    bool ended() { return rest().empty(); }

    /// Up to and with `end`; "" when the connection ends first.
    std::string read_until(std::string_view end) {
        std::size_t at = 0;
        while ((at = read_.find(end)) == std::string::npos) {
            if (!more()) {
                return {};
            }
        }
        auto found = read_.substr(0, at + end.size());
        read_.erase(0, found.size());
        return found;
    }

  private:
    bool more() {
        pollfd wait{fd_, POLLIN, 0};
        KILN_CHECK(::poll(&wait, 1, 20'000) == 1);
        char bytes[16384];
        const auto got = ::recv(fd_, bytes, sizeof bytes, 0);
        if (got > 0) {
            read_.append(bytes, static_cast<std::size_t>(got));
        }
        return got > 0;
    }

    bool read_exactly(std::size_t size, std::string& out) {
        while (read_.size() < size && more()) {
        }
        const bool whole = read_.size() >= size;
        out += read_.substr(0, size);
        read_.erase(0, size);
        return whole;
    }

    static void read_head(std::string_view text, Answer& found) {
        found.status = static_cast<unsigned>(std::stoul(std::string{text.substr(9, 3)}));
        text.remove_prefix(text.find("\r\n") + 2);
        while (text != "\r\n") {
            const auto line = text.substr(0, text.find("\r\n"));
            const auto colon = line.find(": ");
            found.headers.add(
                std::string{line.substr(0, colon)}, std::string{line.substr(colon + 2)}
            );
            text.remove_prefix(line.size() + 2);
        }
    }

    bool read_chunks(std::string& out) {
        for (;;) {
            const auto line = read_until("\r\n");
            if (line.empty()) {
                return false;
            }
            const auto size = std::stoul(line, nullptr, 16);
            std::string chunk;
            if (!read_exactly(size + 2, chunk)) {
                return false;
            }
            if (size == 0) {
                return true;
            }
            out += chunk.substr(0, size);
        }
    }

    int fd_ = -1;
    std::string read_;
};

}  // namespace kiln::net::testing
