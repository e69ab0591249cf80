#include "jsonata/numbers.hpp"
#include "jsonata/tests/evaluated.hpp"

namespace kiln::jsonata {
namespace {

using testing::check;

TEST(Pictures, OfNumbers) {
    check({
        {"$formatNumber(12345.678, '#,##0.00')", "", "\"12,345.68\""},
        {"$formatNumber(0.14, '0%')", "", "\"14%\""},
        {"$formatNumber(-5, '0;(0)')", "", "\"(5)\""},
        {"$formatNumber(1234.5678, '00.000e0')", "", "\"12.346e2\""},
        {"$formatNumber(0, '0.0e0')", "", "\"0.0e0\""},
        {"$formatNumber(1234567, '#,##,##0')", "", "\"12,34,567\""},
        {"$formatNumber(5, '0', {'zero-digit': '٠'})", "", "!D3085"},
        {"$formatNumber(5, '٠', {'zero-digit': '٠'})", "", "\"٥\""},
        {"$formatNumber(1, 'x')", "", "!D3085"},
        {"$formatNumber(1, '0;0;0')", "", "!D3080"},
        {"$formatNumber(1/0, '0')", "", "!D1001"},
    });
}

TEST(Pictures, OfIntegers) {
    check({
        {"$formatInteger(1234567, '#,##0')", "", "\"1,234,567\""},
        {"$formatInteger(7, '000')", "", "\"007\""},
        {"$formatInteger(21, '1;o') & $formatInteger(12, '1;o')", "", "\"21st12th\""},
        {"$formatInteger(1999, 'I') & $formatInteger(4, 'i')", "", "\"MCMXCIXiv\""},
        {"$formatInteger(28, 'A')", "", "\"AB\""},
        {"$formatInteger(1234, 'w')", "", "\"one thousand, two hundred and thirty-four\""},
        {"$formatInteger(21, 'Ww;o')", "", "\"Twenty-First\""},
        {"$formatInteger(3.9, '1')", "", "\"3\""},
        {"$formatInteger(1, '①')", "", "!D3130"},
        {"$formatInteger(1, '0٠')", "", "!D3131"},
        {"$parseInteger('MCMXCIX', 'I')", "", "1999"},
        {"$parseInteger('ab', 'a')", "", "28"},
        {"$parseInteger('1,234', '#,##0')", "", "1234"},
        {"$parseInteger('one thousand, two hundred and thirty-four', 'w')", "", "1234"},
        {"$parseInteger('21st', '1;o')", "", "21"},
        {"$formatInteger(1e9, 'I')", "", "!U1001"},
    });
}

TEST(Pictures, OfDates) {
    check({
        {"$fromMillis(1510067557121)", "", "\"2017-11-07T15:12:37.121Z\""},
        {"$fromMillis(1510067557121, '[FNn], [D1o] [MNn] [Y], [h]:[m01][Pn]')",
         "",
         "\"Tuesday, 7th November 2017, 3:12pm\""},
        {"$fromMillis(1510067557121, '[X0001]-W[W01]-[F1] [d] [[x]]', '-0500')",
         "",
         "\"2017-W45-2 311 [x]\""},
        {"$fromMillis(0, '[H01]:[m01] [z]', '+0530')", "", "\"05:30 GMT+05:30\""},
        {"$fromMillis(-1, '[Y0001]-[M01]-[D01]')", "", "\"1969-12-31\""},
        {"$fromMillis(1e20)", "", "!D1001"},
        {"$fromMillis(0, '[Y')", "", "!D3135"},
        {"$fromMillis(0, '[q]')", "", "!D3132"},
        {"$fromMillis(0, '[YN]')", "", "!D3133"},
        {"$toMillis('2017-11-07T15:12:37.121Z')", "", "1510067557121"},
        {"$toMillis('2017-11-07T15:12:37+01:00')", "", "1510063957000"},
        {"$toMillis('1970-01-02')", "", "86400000"},
        {"$toMillis('yesterday')", "", "!D3110"},
        {"$toMillis('7 Nov 2017 3:04 pm', '[D] [MNn,3-3] [Y] [h]:[m] [Pn]')", "", "1510067040000"},
        {"$toMillis('2016-60', '[Y]-[d]')", "", "1456704000000"},
        {"$toMillis('nope', '[Y]')", "", "undefined"},
        {"$toMillis('12 30', '[H] [s]')", "", "!D3136"},
        {"$toMillis('10:00', '[H]:[m]')", "", "1770112800000"},
        {"$now()", "", "\"2026-02-03T04:05:06.789Z\""},
        {"$millis() = $toMillis($now())", "", "true"},
    });
}

TEST(Numbers, AreWrittenAsJavaScriptWritesThem) {
    const std::pair<double, std::string_view> rows[] = {
        {0.1, "0.1"},
        {1e21, "1e+21"},
        {1e20, "100000000000000000000"},
        {1e-6, "0.000001"},
        {1e-7, "1e-7"},
        {-1.5e300, "-1.5e+300"},
        {5e-324, "5e-324"},
        {123456.789, "123456.789"},
        {-0.0, "0"},
        {1.7976931348623157e308, "1.7976931348623157e+308"}};
    for (const auto& [number, text] : rows) {
        EXPECT_EQ(number_text(number), text);
    }
}

}  // namespace
}  // namespace kiln::jsonata
