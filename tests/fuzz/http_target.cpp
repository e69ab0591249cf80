// What a connection brings, after a byte that says in how large pieces it comes: however it is cut,
// the same requests come of it. (A refusal may come with a later byte: the parser waits for a
// header's end before it looks at all of it.)

#include "net/http.hpp"
#include "net/request_reader.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace kiln::fuzz {

namespace {

constexpr std::size_t kHeader = 2048;
constexpr std::size_t kBody = 4096;

using Requests = std::vector<net::Request>;

void expect_sound(const net::Request& request) {
    KILN_CHECK(request.body.size() <= kBody);
    KILN_CHECK(!request.method.empty());
    KILN_CHECK(request.target.find_first_of(" \r\n") == std::string::npos);
}

Requests read(std::string_view bytes, std::size_t piece) {
    Requests seen;
    net::RequestReader reader{{kHeader, kBody}};
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        auto state = reader.feed(bytes.substr(at, piece));
        while (state == net::RequestReader::State::complete) {
            seen.push_back(reader.take());
            expect_sound(seen.back());
            state = reader.next();
        }
        if (state == net::RequestReader::State::failed) {
            const auto& failure = reader.failure();
            KILN_CHECK(failure.status >= 400 && !failure.message.empty());
            break;
        }
    }
    return seen;
}

bool same(const net::Request& one, const net::Request& other) {
    return one.method == other.method && one.target == other.target && one.body == other.body;
}

}  // namespace

void run(const std::string& input) {
    if (input.empty()) {
        return;
    }
    const auto bytes = std::string_view{input}.substr(1);
    const auto whole = read(bytes, std::max<std::size_t>(bytes.size(), 1));
    const auto cut = read(bytes, 1U + static_cast<unsigned char>(input[0]));
    KILN_CHECK(std::equal(whole.begin(), whole.end(), cut.begin(), cut.end(), same));
}

std::string word(std::size_t number) {
    static constexpr std::array kWords{
        "GET / HTTP/1.1\r\n",
        "POST /v1/bakes?a=%20b HTTP/1.1\r\n",
        "HEAD http://localhost/x HTTP/1.0\r\n",
        "Host: localhost\r\n",
        "Content-Length: 5\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Connection: close\r\n",
        "Connection: keep-alive, upgrade\r\n",
        "Expect: 100-continue\r\n",
        "\r\n",
        "\r\n\r\n",
        "\n",
        "\r",
        "5\r\nhello\r\n",
        "0\r\n\r\n",
        "ffffffffffffffff\r\n",
        "1;name=value\r\nx\r\n",
        "0\r\nTrailer: x\r\n\r\n",
        " folded\r\n",
        "hello",
        ":",
        "\t",
    };
    return kWords.at(number % kWords.size());
}

}  // namespace kiln::fuzz
