#include "api/states/page_tokens.hpp"
#include "base/base64.hpp"
#include "ports/testing/fake_clock.hpp"

#include <gtest/gtest.h>

namespace kiln::api::states {
namespace {

class PageTokensTest : public ::testing::Test {
  protected:
    ports::testing::FakeClock clock_;
    PageTokens tokens_{"key", clock_};
};

TEST_F(PageTokensTest, APositionIsReadBackInItsScope) {
    const auto token = tokens_.make("ListThings {}", "name: with anything");
    EXPECT_EQ(tokens_.read("ListThings {}", token), "name: with anything");
    EXPECT_EQ(tokens_.read("ListOthers {}", token), std::nullopt);
}

TEST_F(PageTokensTest, ATokenLivesForADay) {
    const auto token = tokens_.make("s", "5");
    clock_.advance(PageTokens::kLife - std::chrono::seconds{1});
    EXPECT_EQ(tokens_.read("s", token), "5");
    clock_.advance(std::chrono::seconds{1});
    EXPECT_EQ(tokens_.read("s", token), std::nullopt);
}

TEST_F(PageTokensTest, ATokenOfAnotherKeyIsForeign) {
    const PageTokens others{"other key", clock_};
    EXPECT_EQ(tokens_.read("s", others.make("s", "5")), std::nullopt);
    const PageTokens same{"key", clock_};
    EXPECT_EQ(tokens_.read("s", same.make("s", "5")), "5");
}

TEST_F(PageTokensTest, WhatWasChangedIsForeign) {
    auto plain = *from_base64(tokens_.make("s", "5"));
    plain.back() = '6';
    EXPECT_EQ(tokens_.read("s", to_base64(plain)), std::nullopt);
    for (const auto* const token : {"", "x", "InvalidToken", "AAAA", "====", "\xff"}) {
        EXPECT_EQ(tokens_.read("s", token), std::nullopt) << token;
    }
}

}  // namespace
}  // namespace kiln::api::states
