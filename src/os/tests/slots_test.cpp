#include "os/slots.hpp"

#include "base/error.hpp"
#include "os/files.hpp"

#include <future>
#include <latch>

#include <gtest/gtest.h>

namespace kiln::os {
namespace {

class SlotsTest : public ::testing::Test {
  protected:
    TempDir folder = TempDir::unique(std::filesystem::temp_directory_path(), "kiln-slots");
};

TEST_F(SlotsTest, SoManyAreTakenAtOnceWithoutWaiting) {
    const Slots slots{folder.path(), 3};
    const auto none = [] { FAIL() << "waited"; };
    const auto a = slots.acquire({}, none);
    const auto b = slots.acquire({}, none);
    const auto c = slots.acquire({}, none);
}

TEST_F(SlotsTest, AWaiterGetsTheSlotThatIsLetGoOf) {
    const Slots slots{folder.path(), 1};
    std::optional held{slots.acquire({}, [] {})};
    std::latch waits{1};
    auto waiter = std::async(std::launch::async, [&] {
        const auto slot = slots.acquire({}, [&] { waits.count_down(); });
        return true;
    });
    waits.wait();
    held.reset();
    EXPECT_TRUE(waiter.get());
}

TEST_F(SlotsTest, AWaiterCanBeStopped) {
    const Slots slots{folder.path(), 1};
    const auto held = slots.acquire({}, [] {});
    std::stop_source stop;
    std::latch waits{1};
    auto waiter = std::async(std::launch::async, [&] {
        try {
            (void)slots.acquire(stop.get_token(), [&] { waits.count_down(); });
            return std::string{"acquired"};
        } catch (const Error& error) {
            return std::string{to_string(error.kind())};
        }
    });
    waits.wait();
    stop.request_stop();
    EXPECT_EQ(waiter.get(), "cancelled");
}

TEST_F(SlotsTest, ManyWaitersAllGetTheirTurn) {
    const Slots slots{folder.path(), 2};
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
    std::vector<std::future<void>> all;
    for (int i = 0; i < 16; ++i) {
        all.push_back(std::async(std::launch::async, [&] {
            const auto slot = slots.acquire({}, [] {});
            const int now = ++inside;
            for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
            }
            --inside;
        }));
    }
    for (auto& one : all) {
        one.get();
    }
    EXPECT_LE(most.load(), 2);
}

}  // namespace
}  // namespace kiln::os
