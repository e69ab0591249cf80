#include "net/event_stream.hpp"

#include "base/error.hpp"

#include <gmock/gmock.h>

namespace kiln::net {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(EventStream, AnEventIsFramedAsTheStandardHasIt) {
    EXPECT_EQ(frame({"1:3", "LOG", "{\"a\":1}"}), "id: 1:3\nevent: LOG\ndata: {\"a\":1}\n\n");
    EXPECT_EQ(frame({"", "", "one\ntwo\r\nthree"}), "data: one\ndata: two\ndata: three\n\n");
    EXPECT_EQ(frame({"", "", ""}), "data: \n\n");
    EXPECT_EQ(comment_frame("alive"), ":alive\n\n");
}

TEST(EventStream, ALineBreakCannotForgeAField) {
    EXPECT_EQ(frame({"1\ndata: x", "", "d"}), "id: 1\ndata: d\n\n");
    EXPECT_EQ(comment_frame("a\n\ndata: x"), ":a\n\n");
}

TEST(EventStream, WhatIsFramedIsReadBackHoweverItIsCut) {
    const std::vector<ServerSentEvent> sent{
        {"1:1", "ACCEPTED", "{}"}, {"1:2", "", "one\ntwo"}, {"1:3", "END", ""}};
    std::string stream = comment_frame("hello");
    for (const auto& event : sent) {
        stream += frame(event);
    }
    for (std::size_t size = 1; size <= stream.size(); ++size) {
        EventStreamReader reader;
        std::vector<ServerSentEvent> got;
        for (std::size_t at = 0; at < stream.size(); at += size) {
            for (auto& event : reader.feed(std::string_view{stream}.substr(at, size))) {
                got.push_back(std::move(event));
            }
        }
        EXPECT_EQ(got, sent) << "pieces of " << size;
    }
}

TEST(EventStream, AllThreeLineEndsAreUnderstood) {
    EventStreamReader reader;
    EXPECT_THAT(
        reader.feed("id: 7\rdata: a\r\rdata:b\r\ndata\r\n\r\n"),
        ElementsAre(ServerSentEvent{"7", "", "a"}, ServerSentEvent{"7", "", "b\n"})
    );
    EXPECT_THAT(reader.feed("data: c\r"), IsEmpty());
    EXPECT_THAT(reader.feed("\n\r\n"), ElementsAre(ServerSentEvent{"7", "", "c"}));
}

TEST(EventStream, AnEventThatIsCutOffIsNone) {
    EventStreamReader reader;
    EXPECT_THAT(reader.feed("id: 7\ndata: half\n"), IsEmpty());
}

TEST(EventStream, AnEventWithoutEndIsRefused) {
    EventStreamReader reader{16};
    EXPECT_THAT(reader.feed("data: 0123\n"), IsEmpty());
    EXPECT_THROW((void)reader.feed("data: 0123456789\n"), Error);
}

}  // namespace
}  // namespace kiln::net
