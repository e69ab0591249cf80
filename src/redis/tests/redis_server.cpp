#include "redis_server.hpp"

#include "base/error.hpp"
#include "redis/connection.hpp"

#include <filesystem>

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

namespace kiln::redis::testing {

namespace {

constexpr std::chrono::seconds kStart{20};

constexpr const char* kAge = R"lua(
for _, what in ipairs({'leases', 'delayed'}) do
  for _, key in ipairs(redis.call('KEYS', 'kiln:q:*:' .. what)) do
    for _, one in ipairs(redis.call('ZRANGE', key, 0, -1)) do
      redis.call('ZINCRBY', key, -tonumber(ARGV[1]), one)
    end
  end
end
for _, key in ipairs(redis.call('KEYS', 'kiln:q:*:key:*')) do
  redis.call('PEXPIRE', key, redis.call('PTTL', key) - tonumber(ARGV[1]))
end
return redis.status_reply('OK')
)lua";

}  // namespace

std::uint16_t free_port() {
    const os::Fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    void* raw = &address;
    if (::bind(socket.get(), static_cast<sockaddr*>(raw), size) != 0 ||
        ::getsockname(socket.get(), static_cast<sockaddr*>(raw), &size) != 0) {
        throw_errno("find a free port");
    }
    return ntohs(address.sin_port);
}

std::optional<std::string> no_server() {
    return os::find_program("redis-server")
               ? std::nullopt
               : std::optional<std::string>{"redis-server is not installed"};
}

RedisServer::RedisServer(std::vector<std::string> options)
    : folder_{os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-redis")},
      options_{std::move(options)},
      port_{free_port()} {
    start();
}

RedisServer::~RedisServer() {
    end(SIGKILL);
}

Location RedisServer::location(int database) const {
    Location place;
    place.host = "127.0.0.1";
    place.port = port_;
    place.database = database;
    return place;
}

void RedisServer::start() {
    const auto log = folder_.path() / "log";
    const os::Fd out{::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
    os::Command command;
    command.argv = {
        "redis-server",
        "--bind",
        "127.0.0.1",
        "--port",
        std::to_string(port_),
        "--dir",
        folder_.path().string(),
        "--save",
        "",
        "--appendfsync",
        "always",
        "--appendonly",
        "yes"};
    command.argv.insert(command.argv.end(), options_.begin(), options_.end());
    command.fds = {{out.get(), 1}, {out.get(), 2}};
    child_ = os::Child::spawn(command);
    for (const auto deadline = Deadline::after(kStart);;) {
        try {
            static_cast<void>(Connection{location(), Deadline::after(kStart)});
            return;
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::denied || error.kind() == ErrorKind::exhausted) {
                return;  // it is there
            }
            if (deadline.passed() || child_.wait(Deadline::after(std::chrono::milliseconds{20}))) {
                throw Error{error}.while_("start redis-server: " + os::read_file(log));
            }
        }
    }
}

void RedisServer::age(std::chrono::seconds span) {
    const auto milliseconds = std::to_string(std::chrono::milliseconds{span}.count());
    Connection connection{location(), Deadline::after(kStart)};
    static_cast<void>(connection.call({"EVAL", kAge, "0", milliseconds}, Deadline::after(kStart)));
}

void RedisServer::end(int signal) {
    if (child_.running()) {
        child_.signal(signal);
        static_cast<void>(child_.wait(Deadline::after(kStart)));
    }
}

void RedisServer::stop() {
    end(SIGTERM);
}

void RedisServer::kill() {
    end(SIGKILL);
}

}  // namespace kiln::redis::testing
