#include "api/token_auth.hpp"

#include <gtest/gtest.h>

namespace kiln::api {
namespace {

using Verdict = TokenAuth::Verdict;

TEST(TokenAuth, TheTokenIsGood) {
    const TokenAuth auth{"s3cret"};
    EXPECT_EQ(auth.check("Bearer s3cret"), Verdict::good);
    EXPECT_EQ(auth.check("bearer   s3cret"), Verdict::good) << "schemes ignore case";
}

TEST(TokenAuth, AnythingElseIsWrong) {
    const TokenAuth auth{"s3cret"};
    for (const auto* header :
         {"Bearer ", "Bearer s3cre", "Bearer s3crett", "Bearer S3cret", "Bearer s3cret "}) {
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

}  // namespace
}  // namespace kiln::api
