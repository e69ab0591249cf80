#include "ports/image_version.hpp"

#include <gtest/gtest.h>

namespace kiln::ports {
namespace {

struct Row {
    const char* test;
    const char* name;
    const char* stem;
};

class NameStem : public ::testing::TestWithParam<Row> {};

TEST_P(NameStem, IsWhatAllVersionsShare) {
    EXPECT_EQ(name_stem(GetParam().name), GetParam().stem);
}

INSTANTIATE_TEST_SUITE_P(
    ImageVersion,
    NameStem,
    ::testing::Values(
        Row{"Plain", "web", "web"},
        Row{"ReleasesAreTwoImages", "debian-12", "debian-12"},
        Row{"AfterTheLastAt", "web@main@42", "web@main"},
        Row{"OneAt", "web@42", "web"},
        Row{"LeadingAtIsNoVersion", "@web", "@web"},
        Row{"Rebuild", "web@42.r3", "web"},
        Row{"RebuildOfAPlainName", "web.r1", "web"},
        Row{"CompactDate", "debian-12-20261121", "debian-12"},
        Row{"DashedDate", "web-2026-11-21", "web"},
        Row{"DottedDate", "web_2026.11.21", "web"},
        Row{"DateAndTime", "web-20261121-0342", "web"},
        Row{"EightDigitsThatAreNoDate", "web-99999999", "web-99999999"},
        Row{"DateWithoutSeparator", "web20261121", "web20261121"},
        Row{"OnlyADate", "20261121", "20261121"},
        Row{"NoNumberAfterR", "web.rc", "web.rc"}
    ),
    [](const auto& row) { return row.param.test; }
);

TEST(ImageVersion, ARebuildCountsUp) {
    EXPECT_EQ(rebuilt_name("web@42"), "web@42.r1");
    EXPECT_EQ(rebuilt_name("web@42.r1"), "web@42.r2");
    EXPECT_EQ(rebuilt_name("web@42.r9"), "web@42.r10");
}

TEST(ImageVersion, ARebuildOfTheLongestNameStaysWithinEc2sLimit) {
    const auto name = rebuilt_name(std::string(128, 'x'));
    EXPECT_EQ(name.size(), 128U);
    EXPECT_TRUE(name.ends_with(".r1"));
}

}  // namespace
}  // namespace kiln::ports
