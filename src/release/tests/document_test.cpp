#include "release/document.hpp"

#include "release/tests/plans.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::release::testing {
namespace {

TEST(Document, KnowsWhereEachValueOfTomlStands) {
    const auto document = read_document(
        "r.toml",
        "name = \"x\"\n[versions]\nrelease = \"{A}\"\n[[steps]]\nname = \"A\"\n  per = 1\n"
    );
    EXPECT_EQ(document.place("versions.release"), "r.toml:3:1");
    EXPECT_EQ(document.place("steps[0].per"), "r.toml:6:3");
}

TEST(Document, KnowsWhereEachValueOfJsonStands) {
    const auto document = read_document(
        "r.json", "{\"name\": \"x\",\n \"steps\": [{\"a\\\"b\": 1},\n  {\"per\": [true, null]}]}"
    );
    EXPECT_EQ(document.place("steps"), "r.json:2:2");
    EXPECT_EQ(document.place("steps[0].a\"b"), "r.json:2:13");
    EXPECT_EQ(document.place("steps[1].per[1]"), "r.json:3:18");
}

TEST(Document, PlacesWhatIsMissingAtWhatItIsMissingIn) {
    const auto document = read_document("r.toml", "\n[[steps]]\nname = \"A\"\n");
    EXPECT_EQ(document.place("steps[0].worker.image"), "r.toml:2:1");
    EXPECT_EQ(document.place("nothing"), "r.toml:1:1");
}

TEST(Document, KeepsTheOrderOfVariables) {
    const auto document = read_document("r.toml", "[v]\nZ = \"1\"\nB = \"2\"\nA = \"3\"\n");
    EXPECT_EQ(json::serialize(document.value), R"({"v":{"Z":"1","B":"2","A":"3"}})");
}

TEST(Document, RefusesWhatIsNeither) {
    EXPECT_THAT(
        problems_of([] { static_cast<void>(read_document("r.toml", "name = \n")); }),
        ::testing::ElementsAre(::testing::StartsWith("r.toml:1:8: not TOML"))
    );
    EXPECT_THAT(
        problems_of([] { static_cast<void>(read_document("r.json", "{\"a\": }")); }),
        ::testing::ElementsAre(::testing::StartsWith("r.json: "))
    );
}

}  // namespace
}  // namespace kiln::release::testing
