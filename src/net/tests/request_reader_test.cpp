#include "net/request_reader.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::net {
namespace {

constexpr std::string_view kConversation =
    "\r\n\r\nPOST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
    "\r\nPUT /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: u\r\n\r\n"
    "PUT /empty HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: u\r\n\r\n"
    "\r\nGET /c HTTP/1.1\r\nHost: h\r\n\r\n";

std::vector<std::string> read(std::size_t piece) {
    std::vector<std::string> seen;
    RequestReader reader{{1024, 1024}};
    for (std::size_t at = 0; at < kConversation.size(); at += piece) {
        auto state = reader.feed(kConversation.substr(at, piece));
        while (state == RequestReader::State::complete) {
            const auto request = reader.take();
            seen.push_back(request.method + " " + request.target + " " + request.body);
            state = reader.next();
        }
        if (state == RequestReader::State::failed) {
            seen.push_back("refused: " + reader.failure().message);
            break;
        }
    }
    return seen;
}

TEST(RequestReader, TheSameRequestsComeOfAConversationHoweverItIsCut) {
    const std::vector<std::string> wanted{
        "POST /a hello", "PUT /b abcde", "PUT /empty ", "GET /c "};
    for (std::size_t piece = 1; piece <= kConversation.size(); ++piece) {
        EXPECT_EQ(read(piece), wanted) << "in pieces of " << piece;
    }
}

}  // namespace
}  // namespace kiln::net
