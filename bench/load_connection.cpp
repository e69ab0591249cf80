#include "load_connection.hpp"

#include "aws/sigv4.hpp"
#include "base/sha256.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kiln::bench {

namespace {

[[noreturn]] void fail(const char* doing) {
    throw std::runtime_error(std::string{doing} + ": " + std::strerror(errno));
}

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr) {
        throw std::runtime_error(std::string{name} + " is not set");
    }
    return value;
}

/// A signing key costs more than all the rest of a signature, and is good for a day.
const aws::SigningKey& key_for(const aws::Signing& signing) {
    static aws::Scope scope;
    static aws::SigningKey key;
    if (const auto wanted = signing.scope(); wanted != scope) {
        scope = wanted;
        key = aws::signing_key(signing.credentials.secret_access_key, scope);
    }
    return key;
}

}  // namespace

Target target(const std::string& url, const std::string& service, const std::string& operations) {
    constexpr std::string_view kScheme = "http://";
    const auto colon = url.rfind(':');
    if (url.rfind(kScheme, 0) != 0 || colon <= kScheme.size()) {
        throw std::runtime_error("not http://HOST:PORT: " + url);
    }
    return {
        url.substr(kScheme.size(), colon - kScheme.size()),
        url.substr(colon + 1),
        service,
        operations,
        variable("AWS_ACCESS_KEY_ID"),
        variable("AWS_SECRET_ACCESS_KEY"),
    };
}

Connection::Connection(const Target& target) : target_{&target} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoul(target.port)));
    if (::inet_pton(AF_INET, target.host.c_str(), &address.sin_addr) != 1) {
        throw std::runtime_error("not an IPv4 address: " + target.host);
    }
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0 ||
        ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        fail("connect");
    }
    const int yes = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

Connection::Connection(Connection&& other) noexcept
    : target_{other.target_}, fd_{std::exchange(other.fd_, -1)}, in_{std::move(other.in_)} {}

Connection::~Connection() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

void Connection::ask(std::string_view operation, const std::string& body) {
    aws::SignableRequest request;
    request.method = "POST";
    request.path = "/";
    const aws::Fields headers{
        {"Host", target_->host + ":" + target_->port},
        {"Content-Type", "application/x-amz-json-1.0"},
        {"X-Amz-Target", target_->operations + std::string{operation}}};
    request.headers = headers;
    const auto hash = sha256(body);
    request.payload_sha256 = hash;
    aws::Signing signing;
    signing.credentials = {target_->access_key, target_->secret_key, ""};
    signing.region = "us-east-1";
    signing.service = target_->service;
    signing.at = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    const auto signed_request = aws::sign_by_header(request, signing, key_for(signing));
    std::string out = "POST / HTTP/1.1\r\n";
    for (const auto& fields : {headers, signed_request.headers}) {
        for (const auto& [name, value] : fields) {
            out += name + ": " + value + "\r\n";
        }
    }
    out += fmt::format("Content-Length: {}\r\n\r\n", body.size()) + body;
    for (std::size_t done = 0; done < out.size();) {
        const auto sent = ::send(fd_, out.data() + done, out.size() - done, MSG_NOSIGNAL);
        if (sent < 0) {
            fail("send");
        }
        done += static_cast<std::size_t>(sent);
    }
}

void Connection::read_more() {
    std::array<char, 65536> piece;
    for (;;) {
        const auto got = ::recv(fd_, piece.data(), piece.size(), MSG_DONTWAIT);
        if (got > 0) {
            in_.append(piece.data(), static_cast<std::size_t>(got));
        } else if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        } else if (got == 0) {
            throw std::runtime_error("the server closed the connection");
        } else {
            fail("receive");
        }
    }
}

std::optional<std::string> Connection::take_answer() {
    read_more();
    constexpr std::string_view kLength = "\r\ncontent-length: ";
    const auto head_end = in_.find("\r\n\r\n");
    if (head_end == std::string::npos) {
        return std::nullopt;
    }
    std::string head = in_.substr(0, head_end + 2);
    for (auto& c : head) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    const auto at = head.find(kLength);
    std::size_t length = 0;
    if (at != std::string::npos) {
        const char* begin = head.data() + at + kLength.size();
        std::from_chars(begin, head.data() + head.size(), length);
    }
    if (in_.size() < head_end + 4 + length) {
        return std::nullopt;
    }
    auto body = in_.substr(head_end + 4, length);
    if (head.compare(0, 13, "http/1.1 200 ") != 0) {
        throw std::runtime_error("answered: " + head.substr(0, head.find('\r')) + " " + body);
    }
    in_.erase(0, head_end + 4 + length);
    return body;
}

EventLoop::EventLoop() : fd_{::epoll_create1(EPOLL_CLOEXEC)} {}

EventLoop::~EventLoop() {
    ::close(fd_);
}

void EventLoop::add(const Connection& connection, void* data) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = data;
    if (::epoll_ctl(fd_, EPOLL_CTL_ADD, connection.fd(), &event) != 0) {
        fail("epoll_ctl");
    }
}

void EventLoop::wait(const std::function<void(void*)>& ready) {
    std::array<epoll_event, 256> events;
    const int count = ::epoll_wait(fd_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
        ready(events[static_cast<std::size_t>(i)].data.ptr);
    }
}

std::vector<std::string> strings_of(std::string_view text, std::string_view name) {
    const auto begin = fmt::format("\"{}\":\"", name);
    std::vector<std::string> found;
    for (auto at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at)) {
        at += begin.size();
        const auto end = text.find('"', at);
        found.emplace_back(text.substr(at, end - at));
    }
    return found;
}

}  // namespace kiln::bench
