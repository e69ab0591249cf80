#include "ports/bake_store.hpp"
#include "ports/ledger.hpp"

#include <gtest/gtest.h>

namespace kiln::ports {
namespace {

TEST(ResourceKindWords, AreReadBack) {
    using enum ResourceKind;
    for (const auto kind :
         {process, mount, loop, cgroup, folder, layer, volume, snapshot, image, bake, message}) {
        EXPECT_EQ(resource_kind(to_string(kind)), kind);
    }
}

TEST(ResourceKindWords, UnknownOneIsCorrupt) {
    try {
        (void)resource_kind("machine");
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    }
}

TEST(BakeStateWords, AreReadBack) {
    using enum BakeState;
    for (const auto state : {queued, running, succeeded, failed, cancelled, interrupted}) {
        EXPECT_EQ(bake_state(to_string(state)), state);
    }
}

TEST(BakeStateWords, UnknownOneIsCorrupt) {
    try {
        (void)bake_state("done");
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    }
}

TEST(BakeEventJson, HasTheShapeOfAReply) {
    BakeEvent event;
    event.sequence = 3;
    event.category = "LOG";
    event.step = "run";
    event.message = "hello";
    EXPECT_EQ(
        json::serialize(to_json(BakeId::parse("bake-0123456789abcdef0"), event)),
        R"({"bake":"bake-0123456789abcdef0","sequence":3,"category":"LOG",)"
        R"("time":"1970-01-01T00:00:00.000Z","step":"run","message":"hello","data":null,)"
        R"("final":false})"
    );
}

}  // namespace
}  // namespace kiln::ports
