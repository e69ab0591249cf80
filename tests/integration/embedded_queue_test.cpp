#include "queue/embedded_queue.hpp"

#include "ports/testing/fake_clock.hpp"
#include "ports/testing/memory_queue_store.hpp"
#include "ports/testing/queue_time_suite.hpp"
#include "queue/ownership.hpp"
#include "sqlite/queue_store.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

namespace kiln::queue::testing {
namespace {

/// The machine's clocks with what advance() adds: callers wait for real.
class ShiftedWall final : public ports::Clock {
  public:
    [[nodiscard]] TimePoint now() const override {
        return ports::SystemClock{}.now() + Duration{shift.load()};
    }

    std::atomic<std::int64_t> shift{0};
};

class ShiftedSteady final : public ports::SteadyClock {
  public:
    [[nodiscard]] Duration now() const override {
        return ports::MachineSteadyClock{}.now() + Duration{shift.load()};
    }

    std::atomic<std::int64_t> shift{0};
};

class Embedded {
  public:
    explicit Embedded(ports::QueueStore& store) : engine_{store, wall_, steady_} {}

    static std::optional<std::string> unavailable() { return std::nullopt; }

    ports::MessageQueue& queue() { return embedded_; }

    ports::QueueAdmin& admin() { return embedded_; }

    void advance(std::chrono::seconds by) {
        wall_.shift += Duration{by}.count();
        steady_.shift += Duration{by}.count();
        engine_.wake();
    }

    static std::chrono::seconds patience() { return std::chrono::seconds{0}; }

    static std::string name(const std::string& stem) { return stem; }

  private:
    ShiftedWall wall_;
    ShiftedSteady steady_;
    Engine engine_;
    EmbeddedQueue embedded_{engine_, wall_};
};

struct Memory {
    ports::testing::MemoryQueueStore queues;
};

struct InMemory : Memory, Embedded {
    InMemory() : Embedded{queues} {}
};

struct Disk {
    os::TempDir folder = os::TempDir::unique(
        ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : std::filesystem::temp_directory_path(),
        "kiln-queue"
    );
    sqlite::Store store{folder.path()};
    sqlite::SqliteQueueStore queues{store};
};

struct OnDisk : Disk, Embedded {
    OnDisk() : Embedded{queues} {}
};

}  // namespace
}  // namespace kiln::queue::testing

namespace kiln::ports::testing {
namespace {

using Embedded = ::testing::Types<queue::testing::InMemory, queue::testing::OnDisk>;
INSTANTIATE_TYPED_TEST_SUITE_P(Embedded, QueueConformance, Embedded);
INSTANTIATE_TYPED_TEST_SUITE_P(Embedded, QueueTimeConformance, Embedded);

}  // namespace
}  // namespace kiln::ports::testing

namespace kiln::queue::testing {
namespace {

TEST(EmbeddedDelivery, ThatIsOverIsAConflictForWhoeverExtendsIt) {
    OnDisk driver;
    driver.admin().create({.name = "q"});
    driver.queue().send("q", {{.body = "a"}});
    const ports::ReceiveSpec spec{.visibility = std::chrono::seconds{1}};
    const auto first = driver.queue().receive("q", spec, {});
    driver.advance(std::chrono::seconds{2});
    const auto extend = [&] {
        driver.queue().extend("q", first.at(0).receipt, std::chrono::seconds{9});
    };
    EXPECT_EQ(kind_of(extend), ErrorKind::conflict);
    EXPECT_EQ(driver.queue().receive("q", {}, {}).size(), 1U);
    EXPECT_EQ(kind_of(extend), ErrorKind::conflict);
}

TEST(EmbeddedQueues, BelongToOneProcess) {
    const auto folder =
        os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-queue-owner");
    EXPECT_EQ(Ownership::owner(folder.path()), "");
    {
        const auto owned = Ownership::acquire(folder.path(), "kiln serve at http://x:1");
        EXPECT_EQ(Ownership::owner(folder.path()), "kiln serve at http://x:1");
        const auto error =
            error_of([&] { static_cast<void>(Ownership::acquire(folder.path(), "me")); });
        ASSERT_TRUE(error);
        EXPECT_EQ(error->kind(), ErrorKind::conflict);
        EXPECT_THAT(error->message(), ::testing::HasSubstr("kiln serve at http://x:1"));
    }
    EXPECT_EQ(Ownership::owner(folder.path()), "");
    const auto again = Ownership::acquire(folder.path(), "me");
    EXPECT_EQ(Ownership::owner(folder.path()), "me");
}

}  // namespace
}  // namespace kiln::queue::testing
