#include "notify/event.hpp"

#include "base/error.hpp"
#include "base/testing/kind_of.hpp"

#include <gtest/gtest.h>

namespace kiln::notify {
namespace {

Event full() {
    Event event;
    event.kind = Kind::instance_failed;
    event.key = "build-1/failed";
    event.time = TimePoint{std::chrono::seconds{1'767'225'600}};
    event.site = "org";
    event.env = "prod";
    event.queue = "docker";
    event.role = "worker";
    event.build = "5f0c";
    event.instance = "i-1";
    event.work = "bake";
    event.name = "bake-1";
    event.link = "https://kiln.example/x";
    event.error = "no \"capacity\"\né";
    event.channel = "#ops";
    return event;
}

TEST(Events, AreReadBackAsTheyWereWritten) {
    EXPECT_EQ(read_event(write_event(full())), full());
    EXPECT_EQ(read_event(write_event({})), Event{});
}

TEST(Events, ShowOthersTheFieldsThatAreThere) {
    Event event;
    event.kind = Kind::instance_started;
    event.key = "k";
    event.time = TimePoint{std::chrono::seconds{1'767'225'600}};
    event.instance = "i-1";
    event.channel = "#secret";
    EXPECT_EQ(
        json::serialize(event_json(event)),
        R"({"type":"instance.started","timestamp":"2026-01-01T00:00:00.000Z","data":{"instance":"i-1"}})"
    );
}

TEST(Events, OfEveryKindHaveAWordOfTheirOwn) {
    for (const auto kind : all_kinds()) {
        EXPECT_EQ(parse_kind(to_string(kind)), kind);
    }
    EXPECT_EQ(kind_of([] { (void)parse_kind("instance.startd"); }), ErrorKind::invalid);
}

TEST(Events, ThatCannotBeReadAreCorrupt) {
    for (const auto* text :
         {"",
          "[]",
          "{}",
          R"({"type":"test","timestamp":1,"data":{}})",
          R"({"type":"new","timestamp":"2026-01-01T00:00:00Z","data":{}})"}) {
        EXPECT_EQ(kind_of([&] { (void)read_event(text); }), ErrorKind::corrupt) << text;
    }
}

}  // namespace
}  // namespace kiln::notify
