#pragma once

#include "base/error.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kiln::net::testing {

/// A one-request-a-connection HTTP server on 127.0.0.1, port 0; over TLS when given a context.
class TestServer {
  public:
    struct Reply {
        std::string bytes;  ///< status line, headers and body as they go out
        bool hang = false;  ///< then keep the connection open until the server ends
    };

    using Handler = std::function<Reply(const std::string& request)>;

    explicit TestServer(Handler handler, SSL_CTX* tls = nullptr)
        : handler_{std::move(handler)}, tls_{tls} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        KILN_CHECK(::bind(listen_, generic, size) == 0 && ::listen(listen_, 16) == 0);
        KILN_CHECK(::getsockname(listen_, generic, &size) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread{[this] { serve(); }};
    }

    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    ~TestServer() {
        const std::uint64_t one = 1;
        KILN_CHECK(::write(end_, &one, sizeof one) == sizeof one);
        thread_.join();
        ::close(listen_);
        ::close(end_);
    }

    [[nodiscard]] std::string url(const std::string& path) const {
        return fmt::format("{}://127.0.0.1:{}{}", tls_ != nullptr ? "https" : "http", port_, path);
    }

    [[nodiscard]] std::vector<std::string> requests() {
        const std::lock_guard lock{mutex_};
        return requests_;
    }

    static Reply ok(const std::string& body) {
        return {fmt::format(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
            body.size(),
            body
        )};
    }

    static Reply status(int code, const std::string& header = "X: y") {
        return {fmt::format(
            "HTTP/1.1 {} Said\r\n{}\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody",
            code,
            header
        )};
    }

    static Reply redirect(const std::string& to) { return status(302, "Location: " + to); }

  private:
    bool readable(int fd) const {
        pollfd both[2] = {{fd, POLLIN, 0}, {end_, POLLIN, 0}};
        ::poll(both, 2, -1);
        return (both[1].revents & POLLIN) == 0;
    }

    void serve() {
        sigset_t pipe;
        sigemptyset(&pipe);
        sigaddset(&pipe, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);  // OpenSSL writes without MSG_NOSIGNAL
        while (readable(listen_)) {
            const int fd = ::accept4(listen_, nullptr, nullptr, SOCK_CLOEXEC);
            SSL* ssl = nullptr;
            if (tls_ != nullptr) {
                ssl = SSL_new(tls_);
                SSL_set_fd(ssl, fd);
            }
            if (ssl == nullptr || SSL_accept(ssl) == 1) {
                answer(fd, ssl);
            }
            SSL_free(ssl);
            ::close(fd);
        }
    }

    void answer(int fd, SSL* ssl) {
        std::string request(8192, '\0');
        std::size_t size = 0;
        while (request.find("\r\n\r\n") == std::string::npos && readable(fd)) {
            const auto room = request.size() - size;
            const long got = ssl != nullptr
                                 ? SSL_read(ssl, request.data() + size, static_cast<int>(room))
                                 : ::recv(fd, request.data() + size, room, 0);
            if (got <= 0) {
                return;
            }
            size += static_cast<std::size_t>(got);
        }
        request.resize(size);
        const auto reply = handler_(request);
        {
            const std::lock_guard lock{mutex_};
            requests_.push_back(request);
        }
        std::string_view bytes = reply.bytes;
        while (!bytes.empty()) {
            const long sent = ssl != nullptr
                                  ? SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()))
                                  : ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        if (reply.hang) {
            while (readable(-1)) {
            }
        }
    }

    Handler handler_;
    SSL_CTX* tls_;
    int listen_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int end_ = ::eventfd(0, EFD_CLOEXEC);
    int port_ = 0;
    std::mutex mutex_;
    std::vector<std::string> requests_;
    std::thread thread_;
};

/// A folder of the test's own.
class Folder {
  public:
    Folder() {
        std::string name = std::filesystem::temp_directory_path() / "kiln-net-XXXXXX";
        KILN_CHECK(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }

    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace kiln::net::testing
