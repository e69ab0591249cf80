#include "net/url.hpp"

#include "base/error.hpp"

#include <gtest/gtest.h>

namespace kiln::net {

namespace {

TEST(Url, IsTakenApart) {
    const auto url = parse_url("HTTPS://us%40er:p%3Ass@Example.ORG:8443/a/b.tar?token=t#sha256=ab");
    EXPECT_EQ(url.scheme, "https");
    EXPECT_EQ(percent_decoded(url.user), "us@er");
    EXPECT_EQ(percent_decoded(url.password), "p:ss");
    EXPECT_EQ(url.host, "example.org");
    EXPECT_EQ(url.port, 8443);
    EXPECT_EQ(url.path, "/a/b.tar");
    EXPECT_EQ(url.query, "token=t");
    EXPECT_EQ(url.fragment, "sha256=ab");
    EXPECT_EQ(url.shown(), "https://example.org:8443/a/b.tar");
    EXPECT_EQ(url.target(), "https://example.org:8443/a/b.tar?token=t");
}

TEST(Url, WithoutPathAsksForTheTop) {
    EXPECT_EQ(parse_url("https://h").target(), "https://h/");
}

TEST(Url, PercentSignWithoutDigitsStays) {
    EXPECT_EQ(percent_decoded("100%"), "100%");
    EXPECT_EQ(percent_decoded("%4"), "%4");
    EXPECT_EQ(percent_decoded("%zz%41"), "%zzA");
}

struct Bad {
    const char* name;
    const char* text;
};

class BadUrl : public ::testing::TestWithParam<Bad> {};

TEST_P(BadUrl, IsRefusedWithoutRepeatingIt) {
    try {
        (void)parse_url(GetParam().text);
        FAIL() << "was taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_EQ(error.message().find("s3cret"), std::string::npos);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Row,
    BadUrl,
    ::testing::Values(
        Bad{"NoScheme", "example.org/s3cret"},
        Bad{"Empty", ""},
        Bad{"OnlyScheme", "https://"},
        Bad{"NoHost", "https:///s3cret"},
        Bad{"Blank", "https://h/ s3cret"},
        Bad{"LineBreak", "https://h/\r\ns3cret"},
        Bad{"Backslash", "https://h\\@s3cret/"},
        Bad{"PortZero", "https://h:0/s3cret"},
        Bad{"PortWord", "https://h:s3cret/"},
        Bad{"PortHuge", "https://h:65536/s3cret"},
        Bad{"OpenBracket", "https://[::1/s3cret"},
        Bad{"NotSix", "https://[s3cret]/"},
        Bad{"HostSign", "https://s3cret$/"},
        Bad{"NotAscii", "https://h/s3cret\xc3\xa9"}
    ),
    [](const auto& row) { return row.param.name; }
);

struct Where {
    const char* text;
    bool loopback;
    bool allowed;
};

TEST(Url, OnlyHttpsOrThisMachineIsFetched) {
    for (const auto& [text, loopback, allowed] : {
             Where{"https://example.org/", false, true},
             Where{"http://example.org/", false, false},
             Where{"http://localhost:80/", true, true},
             Where{"http://127.0.0.1/", true, true},
             Where{"http://127.9.9.9/", true, true},
             Where{"http://[::1]:8080/", true, true},
             Where{"http://127.0.0.1.example.org/", false, false},
             Where{"http://127.example/", false, false},
             Where{"http://localhost.example.org/", false, false},
             Where{"http://localhost@example.org/", false, false},
             Where{"http://10.0.0.1/", false, false},
             Where{"ftp://localhost/", true, false},
             Where{"file://localhost/etc/passwd", true, false},
         }) {
        const auto url = parse_url(text);
        EXPECT_EQ(url.loopback(), loopback) << text;
        EXPECT_EQ(!fetch_problem(url).has_value(), allowed) << text;
    }
}

TEST(Url, OriginIsSchemeHostAndPort) {
    EXPECT_TRUE(parse_url("https://h/a").same_origin(parse_url("https://u@H:443/b?c")));
    EXPECT_FALSE(parse_url("https://h/").same_origin(parse_url("https://h:444/")));
    EXPECT_FALSE(parse_url("https://h/").same_origin(parse_url("http://h:443/")));
    EXPECT_FALSE(parse_url("https://h/").same_origin(parse_url("https://h2/")));
}

}  // namespace

}  // namespace kiln::net
