#include "cli/listen.hpp"

#include "base/testing/kind_of.hpp"

#include <gtest/gtest.h>

namespace kiln::cli {
namespace {

TEST(Listen, AnAddressAndAPortAreRead) {
    EXPECT_EQ(parse_listen("127.0.0.1:9324"), (ListenAddress{"127.0.0.1", 9324}));
    EXPECT_EQ(parse_listen("[::1]:80"), (ListenAddress{"::1", 80}));
    EXPECT_EQ(parse_listen("0.0.0.0:0"), (ListenAddress{"0.0.0.0", 0}));
    EXPECT_EQ(parse_listen(kDefaultListen).port, 9324);
}

TEST(Listen, AnythingElseIsRefused) {
    for (const auto* text :
         {"",
          "9324",
          ":9324",
          "127.0.0.1",
          "127.0.0.1:",
          "127.0.0.1:65536",
          "127.0.0.1:-1",
          "127.0.0.1:80x",
          "::1:80",
          "[127.0.0.1]:80",
          "[]:80"}) {
        EXPECT_EQ(kind_of([&] { (void)parse_listen(text); }), ErrorKind::invalid) << text;
    }
}

TEST(Listen, ThisHostReachesEveryAddressByLoopback) {
    EXPECT_EQ(local_url({"0.0.0.0", 9324}, false), "http://127.0.0.1:9324");
    EXPECT_EQ(local_url({"::", 9324}, true), "https://[::1]:9324");
    EXPECT_EQ(local_url({"10.0.0.7", 1}, false), "http://10.0.0.7:1");
}

}  // namespace
}  // namespace kiln::cli
