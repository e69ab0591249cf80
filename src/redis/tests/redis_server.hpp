#pragma once

#include "os/files.hpp"
#include "os/spawn.hpp"
#include "redis/location.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kiln::redis::testing {

/// Why no server can be started here.
std::optional<std::string> no_server();

/// A port of loopback that nobody listens on at the moment.
std::uint16_t free_port();

/// A real redis-server of a test's own, on a free port of loopback, that writes down what it is
/// told before it answers (appendfsync always) in a folder of its own.
class RedisServer {
  public:
    /// @param options  more arguments: {"--requirepass", "x"}
    explicit RedisServer(std::vector<std::string> options = {});
    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;
    ~RedisServer();

    [[nodiscard]] Location location(int database = 0) const;

    /// SIGTERM, and it is waited for.
    void stop();
    /// SIGKILL.
    void kill();
    /// On the same port, with the same folder.
    void start();

    /// Lets that much time pass for what the server keeps: leases end, delays and deduplications
    /// are over that much earlier. Its clock cannot be set (jemalloc does not start under
    /// libfaketime).
    void age(std::chrono::seconds span);

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

  private:
    void end(int signal);

    os::TempDir folder_;
    std::vector<std::string> options_;
    std::uint16_t port_ = 0;
    os::Child child_;
};

}  // namespace kiln::redis::testing
