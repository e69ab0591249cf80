#include "notify/lanes.hpp"

#include "notify/notifier.hpp"
#include "notify/tests/fake_channel.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/memory_notification_store.hpp"

#include <future>

#include <gtest/gtest.h>

namespace kiln::notify {
namespace {

constexpr std::chrono::seconds kPatience{30};

TEST(Lanes, AnotherChannelsSlownessHoldsUpNobody) {
    const ports::testing::FakeClock clock;
    ports::testing::MemoryNotificationStore store;
    testing::FakeChannel slow{"mail"};
    testing::FakeChannel quick{"slack"};
    std::promise<void> begun;
    slow.fail_with = [&](const std::stop_token& stop) {
        begun.set_value();
        std::promise<void> stopped;
        const std::stop_callback call{stop, [&] { stopped.set_value(); }};
        stopped.get_future().wait();
        throw Error{ErrorKind::cancelled, "stopped"};
    };
    std::promise<void> told;
    quick.on_told = [&] { told.set_value(); };
    std::vector<Sender> senders;
    senders.emplace_back(Sender::World{store, slow, clock, [] { return 0.0; }});
    senders.emplace_back(Sender::World{store, quick, clock, [] { return 0.0; }});
    Lanes lanes{std::move(senders)};
    Notifier notifier{store, clock, {{"mail", {}}}, [&] { lanes.wake(); }};
    Event event;
    event.key = "a";
    notifier.tell(event);
    ASSERT_EQ(begun.get_future().wait_for(kPatience), std::future_status::ready);
    Notifier to_quick{store, clock, {{"slack", {}}}, [&] { lanes.wake(); }};
    to_quick.tell(event);
    EXPECT_EQ(told.get_future().wait_for(kPatience), std::future_status::ready);
}  // the lanes end what is under way

}  // namespace
}  // namespace kiln::notify
