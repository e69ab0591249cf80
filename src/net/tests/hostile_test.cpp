#include "net/server.hpp"
#include "net/tests/parked.hpp"
#include "net/tests/raw_client.hpp"

#include <gtest/gtest.h>

namespace kiln::net {

namespace {

using testing::echo;
using testing::RawClient;

struct Row {
    const char* name;
    unsigned status;
    std::string bytes;
};

class HostileRequest : public ::testing::TestWithParam<Row> {};

TEST_P(HostileRequest, IsRefusedWithItsStatusAndTheConnectionEnds) {
    Server server{{.max_header = Bytes{2048}}, echo};
    RawClient client{server.port()};
    client.send(GetParam().bytes);
    const auto answer = client.answer();
    EXPECT_EQ(answer.status, GetParam().status) << answer.body;
    EXPECT_TRUE(answer.body.starts_with("{")) << answer.body;
    EXPECT_EQ(answer.headers.value_or("Connection", ""), "close");
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(server.counters().requests, 0U);
}

std::string get(const std::string& fields, const std::string& rest = "") {
    return "POST /x HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n" + rest;
}

std::string line(const std::string& start) {
    return start + "\r\nHost: h\r\n\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    Smuggling,
    HostileRequest,
    ::testing::Values(
        Row{"LengthAndChunked",
            400,
            get("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
        Row{"ChunkedAndLength",
            400,
            get("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n")},
        Row{"TwoLengths", 400, get("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd")},
        Row{"TwoEqualLengths", 400, get("Content-Length: 3\r\nContent-Length: 3\r\n", "abc")},
        Row{"ListOfLengths", 400, get("Content-Length: 3, 3\r\n", "abc")},
        Row{"SignedLength", 400, get("Content-Length: +3\r\n", "abc")},
        Row{"NegativeLength", 400, get("Content-Length: -3\r\n", "abc")},
        Row{"HexadecimalLength", 400, get("Content-Length: 0x3\r\n", "abc")},
        Row{"EmptyLength", 400, get("Content-Length:\r\n", "abc")},
        Row{"HugeLength", 400, get("Content-Length: 99999999999999999999\r\n")},
        Row{"TwoEncodings",
            400,
            get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
        Row{"OtherEncoding", 501, get("Transfer-Encoding: gzip\r\n", "0\r\n\r\n")},
        Row{"EncodingList", 501, get("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")},
        Row{"MisspeltEncoding", 501, get("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")},
        Row{"EncodingWithTab", 501, get("Transfer-Encoding: chunked\t, x\r\n", "0\r\n\r\n")},
        Row{"FoldedEncoding", 501, get("Transfer-Encoding: chunked\r\n x\r\n", "0\r\n\r\n")},
        Row{"QuotedEncoding", 501, get("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n")},
        Row{"BlankBeforeColon", 400, get("Content-Length : 3\r\n", "abc")},
        Row{"EncodingInOldVersion",
            400,
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}
    ),
    [](const auto& row) { return row.param.name; }
);

INSTANTIATE_TEST_SUITE_P(
    Chunks,
    HostileRequest,
    ::testing::Values(
        Row{"NoNumber", 400, get("Transfer-Encoding: chunked\r\n", "x\r\n")},
        Row{"NegativeSize", 400, get("Transfer-Encoding: chunked\r\n", "-1\r\n")},
        Row{"SizeBeyondRange", 400, get("Transfer-Encoding: chunked\r\n", "10000000000000000\r\n")},
        Row{"SizeBeyondLimit", 413, get("Transfer-Encoding: chunked\r\n", "fffffffffffffff0\r\n")},
        Row{"NoLineEndAfterData", 400, get("Transfer-Encoding: chunked\r\n", "1\r\nabc\r\n")},
        Row{"BareLineFeed", 400, get("Transfer-Encoding: chunked\r\n", "1\na\n0\r\n\r\n")},
        Row{"EndlessExtension",
            400,
            get("Transfer-Encoding: chunked\r\n", "1;" + std::string(4000, 'e'))},
        Row{"LengthInTrailer",
            400,
            get("Transfer-Encoding: chunked\r\n", "0\r\nContent-Length: 5\r\n\r\n")}
    ),
    [](const auto& row) { return row.param.name; }
);

INSTANTIATE_TEST_SUITE_P(
    Head,
    HostileRequest,
    ::testing::Values(
        Row{"Garbage", 400, std::string("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 11)},
        Row{"NulInTarget", 400, line(std::string("GET /a\0b HTTP/1.1", 17))},
        Row{"NulInField", 400, get(std::string("X: a\0b\r\n", 8))},
        Row{"NulInName", 400, get(std::string("X\0: b\r\n", 7))},
        Row{"ControlInField", 400, get("X: a\x01\r\n")},
        Row{"BareReturn", 400, get("X: a\rb\r\n")},
        Row{"BareLineFeeds", 505, "GET / HTTP/1.1\nHost: h\n\n"},
        Row{"NoColon", 400, get("Nothing\r\n")},
        Row{"NoName", 400, get(": x\r\n")},
        Row{"BlankInName", 400, get("X Y: x\r\n")},
        Row{"BlankLineStart", 400, "GET / HTTP/1.1\r\n Host: h\r\n\r\n"},
        Row{"NoTarget", 400, line("GET  HTTP/1.1")},
        Row{"TwoBlanks", 505, line("GET /  HTTP/1.1")},
        Row{"BlankInTarget", 505, line("GET /a b HTTP/1.1")},
        Row{"NoVersion", 400, "GET /\r\n\r\n"},
        Row{"Version2", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
        Row{"Version12", 505, line("GET / HTTP/1.2")},
        Row{"VersionInLowerCase", 505, line("GET / http/1.1")},
        Row{"NoHost", 400, "GET / HTTP/1.1\r\n\r\n"},
        Row{"TwoHosts", 400, get("Host: other\r\n")},
        Row{"HostWithPath", 400, "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n"},
        Row{"HostWithUser", 400, "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n"},
        Row{"Authority", 501, line("CONNECT h:80 HTTP/1.1")},
        Row{"AuthorityOfGet", 400, line("GET h:80 HTTP/1.1")},
        Row{"StarOfGet", 400, line("GET * HTTP/1.1")},
        Row{"Relative", 400, line("GET x HTTP/1.1")},
        Row{"OtherScheme", 400, line("GET ftp://h/ HTTP/1.1")},
        Row{"AbsoluteOfOtherHost", 400, line("GET http://other/ HTTP/1.1")},
        Row{"AbsoluteWithoutHost", 400, line("GET http:///x HTTP/1.1")},
        Row{"UnknownExpectation", 417, get("Expect: 200-ok\r\n")},
        Row{"LongTarget", 431, line("GET /" + std::string(4000, 'a') + " HTTP/1.1")}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(HostileTarget, AbsoluteFormOfTheOwnHostIsTaken) {
    Server server{{}, echo};
    RawClient client{server.port()};
    client.send("GET HTTP://Test:80/a?b HTTP/1.1\r\nHost: test:80\r\n\r\n");
    EXPECT_EQ(client.answer().body, "GET /a?b ");
    client.send("GET http://test?b HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(client.answer().body, "GET /?b ");
    client.send("OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(client.answer().body, "OPTIONS * ");
}

TEST(HostileTarget, TooManyFieldsAreRefused) {
    Server server{{}, echo};
    RawClient client{server.port()};
    std::string fields;
    for (int i = 0; i < 300; ++i) {
        fields += "a: b\r\n";
    }
    client.ask("GET /", fields);
    EXPECT_EQ(client.answer().status, 431U);
}

TEST(HostileTarget, FieldsAfterTheBodyAreDropped) {
    Server server{{}, [](const Request& request, Responder responder) {
                      responder.send({200, {}, std::string{request.headers.value_or("X", "none")}});
                  }};
    RawClient client{server.port()};
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n");
    EXPECT_EQ(client.answer().body, "none");
}

TEST(HostileTarget, EmptyLinesBeforeARequestAreSkipped) {
    Server server{{}, echo};
    RawClient client{server.port()};
    client.send("\r\n\r\nGET /x HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client.answer().body, "GET /x ");
}

TEST(HostileClient, WhoLeavesInTheMiddleHurtsNobody) {
    Server server{{}, echo};
    for (const auto* text :
         {"",
          "G",
          "GET / HTTP/1.1\r\n",
          "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab"}) {
        RawClient client{server.port()};
        client.send(text);
        client.finish_sending();
        EXPECT_TRUE(client.ended()) << text;
    }
    RawClient client{server.port()};
    client.ask("GET /x");
    client.finish_sending();
    EXPECT_EQ(client.answer().body, "GET /x ");
}

}  // namespace

}  // namespace kiln::net
