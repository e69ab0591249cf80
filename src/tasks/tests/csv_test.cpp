#include "tasks/csv.hpp"

#include "base/error.hpp"

#include <gmock/gmock.h>

namespace kiln::tasks {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows rows(std::string_view text, char delimiter = ',') {
    Rows out;
    CsvReader reader{text, delimiter};
    while (auto row = reader.next()) {
        out.push_back(std::move(*row));
    }
    return out;
}

struct Case {
    const char* name;
    std::string_view text;
    char delimiter;
    Rows expected;
};

class ReadingCsv : public ::testing::TestWithParam<Case> {};

TEST_P(ReadingCsv, GivesTheRows) {
    EXPECT_EQ(rows(GetParam().text, GetParam().delimiter), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Texts,
    ReadingCsv,
    ::testing::Values(
        Case{"Plain", "a,b\n1,2\n", ',', {{"a", "b"}, {"1", "2"}}},
        Case{"NoLineEndAtTheEnd", "a\nb", ',', {{"a"}, {"b"}}},
        Case{"CarriageReturns", "a,b\r\n1,2\r\n", ',', {{"a", "b"}, {"1", "2"}}},
        Case{"EmptyLinesArePassedOver", "\na\n\n\nb\n", ',', {{"a"}, {"b"}}},
        Case{"EmptyFields", ",a,\n", ',', {{"", "a", ""}}},
        Case{"QuotesHoldDelimitersAndLines", "\"a,b\",\"c\nd\"\n", ',', {{"a,b", "c\nd"}}},
        Case{"DoubledQuotes", "\"say \"\"x\"\"\"\n", ',', {{"say \"x\""}}},
        Case{"AnotherDelimiter", "a|b,c\n", '|', {{"a", "b,c"}}},
        Case{
            "AByteOrderMark",
            "\xef\xbb\xbf"
            "a\n",
            ',',
            {{"a"}}},
        Case{"Nothing", "", ',', {}}
    ),
    [](const auto& test) { return test.param.name; }
);

TEST(ReadingCsvRefuses, AQuoteThatIsNotClosed) {
    try {
        (void)rows("a\n\"b\n");
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "CSV: a quote on line 2 is not closed");
    }
}

}  // namespace
}  // namespace kiln::tasks
