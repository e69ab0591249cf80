// The conformance suites of message queues against a real redis-server, which the tests start.

#include "ports/testing/queue_time_suite.hpp"
#include "redis/redis_queue.hpp"
#include "redis_server.hpp"

#include <memory>

#include <fmt/format.h>

namespace kiln::redis::testing {
namespace {

/// The machine's, and it can be set forward.
class AgingClock final : public ports::Clock {
  public:
    [[nodiscard]] TimePoint now() const override { return machine_.now() + passed; }

    std::chrono::seconds passed{0};

  private:
    ports::SystemClock machine_;
};

class Driver {
  public:
    static std::optional<std::string> unavailable() { return no_server(); }

    ports::MessageQueue& queue() { return queue_; }

    ports::QueueAdmin& admin() { return queue_; }

    static std::chrono::seconds patience() { return std::chrono::seconds{0}; }

    void advance(std::chrono::seconds span) {
        clock_.passed += span;
        server_.age(span);
    }

    static std::string name(const std::string& stem) {
        static int count = 0;
        return fmt::format("t{}-{}", ++count, stem);
    }

  private:
    RedisServer server_;
    Client client_{server_.location()};
    AgingClock clock_;
    RedisQueue queue_{client_, clock_};
};

}  // namespace
}  // namespace kiln::redis::testing

namespace kiln::ports::testing {

INSTANTIATE_TYPED_TEST_SUITE_P(Redis, QueueConformance, redis::testing::Driver);
INSTANTIATE_TYPED_TEST_SUITE_P(Redis, QueueTimeConformance, redis::testing::Driver);

}  // namespace kiln::ports::testing
