#include "inspect/lineage.hpp"

#include "base/error.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace kiln::inspect {
namespace {

ImageId id(int number) {
    return ImageId::trusted(fmt::format("ami-{:017x}", number));
}

Ancestor ancestor(int number) {
    return {
        id(number),
        fmt::format("image-{}", number),
        "a \"quoted\" text",
        parse_time("2026-01-01T00:00:00Z") + std::chrono::hours{number},
        "key"};
}

ports::Image image(int number, std::optional<int> parent) {
    ports::Image image;
    image.id = id(number);
    image.name = fmt::format("image-{}", number);
    image.created = parse_time("2026-01-01T00:00:00Z") + std::chrono::hours{number};
    if (parent) {
        image.parent = id(*parent);
    }
    return image;
}

TEST(LineageFileTest, AncestorsAreReadBackOldestFirst) {
    const auto first = append_lineage(std::nullopt, ancestor(1));
    const auto second = append_lineage(first, ancestor(2));
    EXPECT_EQ(parse_lineage(second), (std::vector{ancestor(1), ancestor(2)}));
}

TEST(LineageFileTest, AppendingTheSameAncestorTwiceAddsItOnce) {
    const auto once = append_lineage(std::nullopt, ancestor(1));
    EXPECT_EQ(append_lineage(once, ancestor(1)), once);
}

struct BadFile {
    const char* name;
    const char* text;
    const char* where;
};

class BadLineageTest : public ::testing::TestWithParam<BadFile> {};

TEST_P(BadLineageTest, IsRefusedNamingThePlace) {
    try {
        (void)append_lineage(std::string{GetParam().text}, ancestor(1));
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_NE(error.message().find(GetParam().where), std::string::npos) << error.message();
    }
}

INSTANTIATE_TEST_SUITE_P(
    Files,
    BadLineageTest,
    ::testing::Values(
        BadFile{"NotJson", "hello", "/etc/kiln/lineage.json"},
        BadFile{"NoVersion", R"({"ancestors": []})", "version"},
        BadFile{"NewerVersion", R"({"version": 2, "ancestors": []})", "version"},
        BadFile{"UnknownKey", R"({"version": 1, "ancestors": [], "x": 1})", "x"},
        BadFile{
            "BadId",
            R"({"version": 1, "ancestors": [{"id": "ami-1", "name": "a", "created": "2026-01-01T00:00:00Z"}]})",
            "ancestors[0].id"},
        BadFile{
            "BadTime",
            R"({"version": 1, "ancestors": [{"id": "ami-00000000000000001", "name": "a", "created": "x"}]})",
            "ancestors[0].created"}
    ),
    [](const auto& row) { return row.param.name; }
);

//     1 ── 2 ── 3 ── 5
//       \     \ 4
//        6 (not of 2's line)
const std::vector<ports::Image> kFamily{
    image(6, 1),
    image(5, 3),
    image(4, 2),
    image(3, 2),
    image(2, 1),
    image(1, std::nullopt),
};

TEST(LineageTreeTest, ShowsAncestorsAndAllDescendantsButNoCousins) {
    EXPECT_EQ(
        render(lineage_of(kFamily, id(2))),
        "ami-00000000000000001  image-1  2026-01-01T01:00:00.000Z\n"
        "└─ ami-00000000000000002  image-2  2026-01-01T02:00:00.000Z  *\n"
        "   ├─ ami-00000000000000003  image-3  2026-01-01T03:00:00.000Z\n"
        "   │  └─ ami-00000000000000005  image-5  2026-01-01T05:00:00.000Z\n"
        "   └─ ami-00000000000000004  image-4  2026-01-01T04:00:00.000Z\n"
    );
}

TEST(LineageTreeTest, RemovedParentStandsWhereItWas) {
    const std::vector<ports::Image> images{image(3, 2)};
    const auto nodes = lineage_of(images, id(3));
    ASSERT_EQ(nodes.size(), 2U);
    EXPECT_EQ(nodes[0].id, id(2));
    EXPECT_EQ(nodes[0].image, nullptr);
    EXPECT_NE(render(nodes).find("(removed)"), std::string::npos);
    EXPECT_EQ(to_json(nodes).at("images").as_array().at(0).at("state").as_string(), "removed");
}

TEST(LineageTreeTest, CircleOfADamagedCatalogEnds) {
    const std::vector<ports::Image> images{image(1, 2), image(2, 1)};
    EXPECT_EQ(lineage_of(images, id(1)).size(), 2U + 1U);
}

TEST(LineageTreeTest, ThousandGenerationsAreNoTrouble) {
    std::vector<ports::Image> images{image(0, std::nullopt)};
    for (int i = 1; i < 1000; ++i) {
        images.push_back(image(i, i - 1));
    }
    EXPECT_EQ(lineage_of(images, id(0)).back().depth, 999U);
    EXPECT_EQ(lineage_of(images, id(999)).size(), 1000U);
}

TEST(LineageTreeTest, UnknownImageIsNotFound) {
    try {
        (void)lineage_of(kFamily, id(9));
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::not_found);
    }
}

}  // namespace
}  // namespace kiln::inspect
