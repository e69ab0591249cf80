#include "notify/web_hook.hpp"

#include "base/error.hpp"
#include "base/testing/kind_of.hpp"

#include <gtest/gtest.h>

namespace kiln::notify {
namespace {

const TimePoint kNow{std::chrono::seconds{1'614'265'330}};
constexpr std::string_view kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::string_view kBody = R"({"test": 2432232314})";

TEST(WebHookSignature, IsThatOfTheSpecificationsExample) {
    EXPECT_EQ(
        web_hook_signature(kSecret, kId, 1'614'265'330, kBody),
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    );
}

net::Headers headers(std::vector<std::string> secrets = {std::string{kSecret}}) {
    return web_hook_headers({.secrets = std::move(secrets)}, kId, kNow, kBody);
}

TEST(WebHook, IsVerifiedByWhoeverHasTheSecret) {
    EXPECT_EQ(web_hook_problem(headers(), kBody, kSecret, kNow), std::nullopt);
}

TEST(WebHook, IsSignedWithEachSecretWhileOneTakesTheOthersPlace) {
    const std::string next = "the one that comes next";
    const auto both = headers({std::string{kSecret}, next});
    EXPECT_EQ(web_hook_problem(both, kBody, kSecret, kNow), std::nullopt);
    EXPECT_EQ(web_hook_problem(both, kBody, next, kNow), std::nullopt);
    EXPECT_NE(web_hook_problem(both, kBody, "neither of both secrets", kNow), std::nullopt);
}

TEST(WebHook, IsRefusedWhenAnythingWasChanged) {
    EXPECT_NE(web_hook_problem(headers(), "{}", kSecret, kNow), std::nullopt);
    for (const auto* name : {"webhook-id", "webhook-timestamp", "webhook-signature"}) {
        auto changed = headers();
        changed.set(name, std::string{changed.value_or(name, "")} + "1");
        EXPECT_NE(web_hook_problem(changed, kBody, kSecret, kNow), std::nullopt) << name;
        changed.set(name, "");
        EXPECT_NE(web_hook_problem(changed, kBody, kSecret, kNow), std::nullopt) << name;
    }
}

TEST(WebHook, IsTakenWithinItsWindowOnly) {
    const auto sent = headers();
    EXPECT_EQ(web_hook_problem(sent, kBody, kSecret, kNow + kReplayWindow), std::nullopt);
    EXPECT_EQ(web_hook_problem(sent, kBody, kSecret, kNow - kReplayWindow), std::nullopt);
    const auto more = kReplayWindow + std::chrono::seconds{1};
    EXPECT_NE(web_hook_problem(sent, kBody, kSecret, kNow + more), std::nullopt);
    EXPECT_NE(web_hook_problem(sent, kBody, kSecret, kNow - more), std::nullopt);
}

TEST(WebHookSecret, HasToBeLongAndRead) {
    EXPECT_EQ(web_hook_secret_problem(kSecret), std::nullopt);
    EXPECT_EQ(web_hook_secret_problem("sixteen bytes...."), std::nullopt);
    EXPECT_NE(web_hook_secret_problem("short"), std::nullopt);
    EXPECT_NE(web_hook_secret_problem(""), std::nullopt);
    EXPECT_NE(web_hook_secret_problem("whsec_not base64 at all"), std::nullopt);
    EXPECT_EQ(
        kind_of([] { (void)web_hook_signature("short", "id", 1, "{}"); }), ErrorKind::invalid
    );
}

}  // namespace
}  // namespace kiln::notify
