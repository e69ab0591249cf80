#include "api/token_auth.hpp"

#include <gtest/gtest.h>

namespace kiln::api {
namespace {

using Verdict = TokenAuth::Verdict;

TEST(TokenAuth, TheTokenIsGood) {
    const TokenAuth auth{"s3cret"};
    EXPECT_EQ(auth.check("Bearer s3cret"), Verdict::good);
    EXPECT_EQ(auth.check("bearer   s3cret"), Verdict::good) << "schemes ignore case";
    EXPECT_EQ(auth.check("token s3cret"), Verdict::good);
    EXPECT_EQ(auth.check("token=s3cret"), Verdict::good);
    EXPECT_TRUE(auth.is_token("s3cret"));
    EXPECT_FALSE(auth.is_token(""));
}

TEST(TokenAuth, AnythingElseIsWrong) {
    const TokenAuth auth{"s3cret"};
    for (const auto* header :
         {"Bearer ",
          "Bearer s3cre",
          "Bearer s3crett",
          "Bearer S3cret",
          "Bearer s3cret ",
          "token ",
          "token=",
          "token=s3cre",
          "token =s3cret"}) {
        EXPECT_EQ(auth.check(header), Verdict::wrong) << header;
    }
}

TEST(TokenAuth, NoHeaderOrAnotherSchemeIsAMissingToken) {
    const TokenAuth auth{"s3cret"};
    EXPECT_EQ(auth.check(std::nullopt), Verdict::missing);
    EXPECT_EQ(auth.check(""), Verdict::missing);
    EXPECT_EQ(auth.check("Basic s3cret"), Verdict::missing);
    EXPECT_EQ(auth.check("s3cret"), Verdict::missing);
}

TEST(BasicPassword, IsWhatFollowsTheFirstColon) {
    EXPECT_EQ(basic_password("Basic eDpzM2NyZXQ="), "s3cret");
    EXPECT_EQ(basic_password("basic=eDpzM2NyZXQ="), "s3cret");
    EXPECT_EQ(basic_password("BASIC OmE6Yg=="), "a:b");
    for (const auto* header :
         {"", "Basic", "Basic ", "Basic eA==", "Basic eDo=", "Basic !", "Bearer eDpzM2NyZXQ="}) {
        EXPECT_EQ(basic_password(header), std::nullopt) << header;
    }
    EXPECT_EQ(basic_password(std::nullopt), std::nullopt);
}

}  // namespace
}  // namespace kiln::api
