#include "sqlite/conditions.hpp"

#include <gtest/gtest.h>

namespace kiln::sqlite {
namespace {

TEST(LikePattern, TakesWildcardsOverAndEscapesItsOwn) {
    EXPECT_EQ(like_pattern("web@*"), "web@%");
    EXPECT_EQ(like_pattern("w?b"), "w_b");
    EXPECT_EQ(like_pattern("100%_a"), "100\\%\\_a");
    EXPECT_EQ(like_pattern("a\\*b"), "a*b");
    EXPECT_EQ(like_pattern("a\\%"), "a\\%");
    EXPECT_EQ(like_pattern("a\\\\b"), "a\\\\b");
    EXPECT_EQ(like_pattern("a\\"), "a\\\\");
}

TEST(Where, IsEmptyWhenNothingIsSet) {
    Conditions conditions;
    conditions.one_of("id", {});
    conditions.like_one_of("name", {});
    EXPECT_EQ(conditions.where(), "");
}

TEST(Where, NumbersItsParametersInOrder) {
    Conditions conditions;
    conditions.one_of("id", {"a", "b"});
    conditions.like_one_of("name", {"web", "db*"});
    conditions.tagged("id", "team", {"x"});
    EXPECT_EQ(
        conditions.where(),
        " WHERE id IN ($1, $2) AND (name = $3 OR name LIKE $4 ESCAPE '\\') AND "
        "id IN (SELECT resource FROM tags WHERE key = $5 AND (value = $6))"
    );
}

TEST(Where, LeavesVeryManyValuesToTheCaller) {
    Conditions conditions;
    conditions.one_of("id", std::vector<std::string>(5'000, "x"));
    conditions.like_one_of("name", std::vector<std::string>(5'000, "x*"));
    conditions.like_one_of("owner", {std::string(100'000, '*')});
    EXPECT_EQ(conditions.where(), "");
}

}  // namespace
}  // namespace kiln::sqlite
