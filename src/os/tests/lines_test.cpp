#include "os/lines.hpp"

#include <vector>

#include <gmock/gmock.h>

namespace kiln::os {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

/// What comes out for these pieces of a stream; a part that is continued ends in "+".
std::vector<std::string> lines_of(const std::vector<std::string>& pieces, std::size_t longest = 8) {
    std::vector<std::string> lines;
    LineSplitter splitter{longest, [&](const Line& line) {
                              lines.push_back(std::string{line.text} + (line.more ? "+" : ""));
                          }};
    for (const auto& piece : pieces) {
        splitter.feed(piece);
    }
    splitter.finish();
    return lines;
}

struct Row {
    const char* name;
    std::vector<std::string> pieces;
    std::vector<std::string> lines;
};

class Lines : public ::testing::TestWithParam<Row> {};

TEST_P(Lines, AreCut) {
    EXPECT_THAT(lines_of(GetParam().pieces), ElementsAreArray(GetParam().lines));
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Lines,
    ::testing::ValuesIn(std::vector<Row>{
        {"nothing", {}, {}},
        {"one", {"a\n"}, {"a"}},
        {"several", {"a\nb\nc\n"}, {"a", "b", "c"}},
        {"empty_lines_stay", {"a\n\n\nb\n"}, {"a", "", "", "b"}},
        {"last_without_break", {"a\nb"}, {"a", "b"}},
        {"split_between_reads", {"ab", "cd", "\nef\n"}, {"abcd", "ef"}},
        {"break_alone_in_a_read", {"ab", "\n", "c\n"}, {"ab", "c"}},
        {"as_long_as_allowed", {"12345678\n"}, {"12345678"}},
        {"as_long_as_allowed_in_pieces", {"1234", "5678", "\n"}, {"12345678"}},
        {"one_too_long", {"123456789\n"}, {"12345678+", "9"}},
        {"three_parts", {"12345678abcdefghX\n"}, {"12345678+", "abcdefgh+", "X"}},
        {"parts_across_reads", {"123456", "78ab", "c\nd\n"}, {"12345678+", "abc", "d"}},
        {"long_without_break", {"12345678", "9"}, {"12345678+", "9"}},
        {"exactly_two_parts", {"12345678abcdefgh\n"}, {"12345678+", "abcdefgh"}},
        {"utf8_is_not_cut", {"123456\xe2\x82\xac!\n"}, {"123456+", "\xe2\x82\xac!"}},
        {"not_utf8_still_advances",
         {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\n"},
         {"\x80\x80\x80\x80\x80\x80\x80\x80+", "\x80\x80"}},
        {"nul_and_carriage_return_pass", {std::string{"a\0b\r\n", 5}}, {std::string{"a\0b\r", 4}}},
    }),
    [](const auto& row) { return row.param.name; }
);

TEST(LineSplitter, TenMegabytesInOneLineNeverNeedMoreThanAPart) {
    std::size_t bytes = 0;
    std::size_t parts = 0;
    LineSplitter splitter{65536, [&](const Line& line) {
                              EXPECT_LE(line.text.size(), 65536U);
                              EXPECT_TRUE(line.more);
                              bytes += line.text.size();
                              ++parts;
                          }};
    const std::string piece(10'000, 'x');
    for (int i = 0; i < 1000; ++i) {
        splitter.feed(piece);
    }
    EXPECT_EQ(parts, 10'000'000U / 65536U);
    EXPECT_EQ(bytes, parts * 65536U);
}

}  // namespace
}  // namespace kiln::os
