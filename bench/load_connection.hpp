#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What queue_load and flow_load are made of: connections that send signed requests, and one loop
/// for all of them.
namespace kiln::bench {

struct Target {
    std::string host;  ///< "127.0.0.1"
    std::string port;
    std::string service;     ///< that requests are signed for: "sqs"
    std::string operations;  ///< what stands before an operation's name: "AmazonSQS."
    std::string access_key;
    std::string secret_key;
};

/// With the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
/// @param url  http://HOST:PORT  @throws std::runtime_error  without keys, or for another URL
[[nodiscard]] Target target(
    const std::string& url, const std::string& service, const std::string& operations
);

/// One connection with one request under way. The socket does not block while it reads; requests
/// are small enough to be written at once.
class Connection {
  public:
    explicit Connection(const Target& target);
    Connection(Connection&& other) noexcept;
    ~Connection();

    [[nodiscard]] int fd() const noexcept { return fd_; }

    void ask(std::string_view operation, const std::string& body);
    /// The body of the answer that has arrived whole, if one has.
    /// @throws std::runtime_error  an answer other than 200, or the end of the connection
    [[nodiscard]] std::optional<std::string> take_answer();

  private:
    void read_more();

    const Target* target_;
    int fd_ = -1;
    std::string in_;
};

class EventLoop {
  public:
    EventLoop();
    EventLoop(const EventLoop&) = delete;
    ~EventLoop();
    void add(const Connection& connection, void* data);
    /// Waits until something can be read, and calls `ready` with the data of each.
    void wait(const std::function<void(void*)>& ready);

  private:
    int fd_;
};

/// The values of a member in a JSON text, where they need no unescaping.
[[nodiscard]] std::vector<std::string> strings_of(std::string_view text, std::string_view name);

}  // namespace kiln::bench
