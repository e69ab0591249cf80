#include "redis/location.hpp"

#include "base/testing/kind_of.hpp"
#include "redis/reply.hpp"

#include <gtest/gtest.h>

namespace kiln::redis {
namespace {

TEST(RedisLocation, HasPortDatabaseUserAndPassword) {
    const auto place = parse_location("redis://me:s%40cret@Cache.example:6380/3");
    EXPECT_EQ(place.host, "cache.example");
    EXPECT_EQ(place.port, 6380);
    EXPECT_EQ(place.user, "me");
    EXPECT_EQ(place.password, "s@cret");
    EXPECT_EQ(place.database, 3);
    EXPECT_FALSE(place.tls);
    EXPECT_EQ(place.shown(), "redis://cache.example:6380/3");
}

TEST(RedisLocation, HasUsualValues) {
    const auto place = parse_location("rediss://localhost");
    EXPECT_EQ(place.port, 6379);
    EXPECT_EQ(place.database, 0);
    EXPECT_TRUE(place.tls);
}

TEST(RedisLocation, WhatIsNoServerIsInvalidAndTellsNoPassword) {
    for (const std::string_view text :
         {"http://host/0",
          "redis://host/zero",
          "redis://host/-1",
          "redis://host/99999999999",
          "redis://host/0?x=secret",
          "redis://",
          "host",
          "redis://secret@host/0"}) {
        const auto error = error_of([&] { static_cast<void>(parse_location(text)); });
        ASSERT_TRUE(error) << text;
        EXPECT_EQ(error->kind(), ErrorKind::invalid) << text;
        EXPECT_EQ(error->message().find("secret"), std::string::npos) << error->message();
    }
}

struct ErrorRow {
    const char* name;
    const char* text;
    ErrorKind kind;
};

class RedisErrors : public ::testing::TestWithParam<ErrorRow> {};

TEST_P(RedisErrors, MeanOneKindEach) {
    const auto error = to_error(GetParam().text, "redis://h:1/0");
    EXPECT_EQ(error.kind(), GetParam().kind);
    EXPECT_NE(error.message().find(GetParam().text), std::string::npos);
    EXPECT_NE(error.message().find("redis://h:1/0"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    RedisErrors,
    ::testing::Values(
        ErrorRow{
            "full",
            "OOM command not allowed when used memory > 'maxmemory'.",
            ErrorKind::exhausted},
        ErrorRow{
            "loading", "LOADING Redis is loading the dataset in memory", ErrorKind::unavailable},
        ErrorRow{"busy", "BUSY Redis is busy running a script.", ErrorKind::unavailable},
        ErrorRow{
            "replica",
            "READONLY You can't write against a read only replica.",
            ErrorKind::unavailable},
        ErrorRow{"disk", "MISCONF Errors writing to the AOF file", ErrorKind::unavailable},
        ErrorRow{"no_password", "NOAUTH Authentication required.", ErrorKind::denied},
        ErrorRow{"wrong_password", "WRONGPASS invalid username-password pair", ErrorKind::denied},
        ErrorRow{"rules", "NOPERM this user has no permissions", ErrorKind::denied},
        ErrorRow{"type", "WRONGTYPE Operation against a key", ErrorKind::corrupt},
        ErrorRow{"cluster", "MOVED 3999 127.0.0.1:6381", ErrorKind::invalid},
        ErrorRow{"database", "ERR DB index is out of range", ErrorKind::invalid},
        ErrorRow{"other", "ERR unknown", ErrorKind::internal},
        ErrorRow{"longer_word", "OOMPH", ErrorKind::internal}
    ),
    [](const auto& row) { return std::string{row.param.name}; }
);

TEST(RedisReply, ANumberMayBeText) {
    EXPECT_EQ((Reply{.kind = Reply::Kind::text, .text = "12"}.number()), 12);
    EXPECT_EQ(
        kind_of([] { static_cast<void>(Reply{.kind = Reply::Kind::text, .text = "x"}.number()); }),
        ErrorKind::corrupt
    );
    EXPECT_EQ(kind_of([] { static_cast<void>(Reply{}.at(0)); }), ErrorKind::corrupt);
}

}  // namespace
}  // namespace kiln::redis
