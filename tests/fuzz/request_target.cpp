// Request JSON: whatever is read is either refused as invalid, or understood so that what it
// understood reads back as the same.

#include "bake/request.hpp"
#include "base/error.hpp"
#include "tests/fuzz/target.hpp"

#include <array>

namespace kiln::fuzz {

void run(const std::string& input) {
    try {
        const auto request = bake::parse_request(parse_json(input), "/requests");
        const auto shown = bake::to_json(request);
        KILN_CHECK(bake::to_json(bake::parse_request(shown, "/requests")) == shown);
    } catch (const Error& error) {
        expect_refusal(error);
    }
}

std::string word(std::size_t number) {
    static constexpr std::array kWords{
        "\"name\"",
        "\"parent\"",
        "\"bootstrap\"",
        "\"commands\"",
        "\"source\"",
        "\"queries\"",
        "\"environment\"",
        "\"limits\"",
        "\"seconds\"",
        "\"size_gib\"",
        "\"volume\"",
        "\"tags\"",
        "\"share_with\"",
        "\"logs\"",
        "\"keep\"",
        "\"always\"",
        "\"run\"",
        "\"memory_bytes\"",
        "\"network\"",
        "null",
        "true",
        "-1",
        "1e99",
        "9223372036854775808",
        "\"https://a/#sha256=\"",
        "\"s3://b/\"",
        "\"../..\"",
        "\"\\u0000\"",
        "{}",
        "[]",
        ",",
        ":",
        "\"ami-0123456789abcdef0\"",
    };
    return kWords.at(number % kWords.size());
}

}  // namespace kiln::fuzz
