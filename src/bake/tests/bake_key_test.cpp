#include "bake/request.hpp"

#include <set>

#include <gtest/gtest.h>

namespace kiln::bake {

namespace {

const ImageId kParent = ImageId::parse("ami-0123456789abcdef0");
const std::string kContent(64, 'c');

Request request() {
    Request made;
    made.name = "web";
    made.commands = {{"./a", false}, {"./b", false}, {"./c", true}, {"./d", false}};
    made.environment = {{"A", "1"}, {"B", "2"}};
    return made;
}

std::string key(const Request& made) {
    return bake_key(made, kParent, kContent);
}

TEST(BakeKey, IsTheSameForTheSameInputs) {
    EXPECT_EQ(key(request()), key(request()));
    EXPECT_EQ(key(request()).size(), 64U);
}

TEST(BakeKey, ChangesWithEverythingThatShapesTheImage) {
    std::set<std::string> keys{key(request())};
    const auto differs = [&](const char* what, auto change) {
        auto made = request();
        change(made);
        EXPECT_TRUE(keys.insert(key(made)).second) << what;
    };
    differs("command", [](auto& r) { r.commands[0].run = "./x"; });
    differs("order", [](auto& r) { std::swap(r.commands[0], r.commands[1]); });
    differs("always", [](auto& r) { r.commands[0].always = true; });
    differs("one command less", [](auto& r) { r.commands.pop_back(); });
    differs("split differently", [](auto& r) {
        r.commands = {{"./a./b", false}, {"./c", true}, {"./d", false}};
    });
    differs("value", [](auto& r) { r.environment[0].second = "3"; });
    differs("name of a variable", [](auto& r) { r.environment[0].first = "C"; });
    differs("names and values shifted", [](auto& r) { r.environment = {{"A1", ""}, {"B", "2"}}; });
    differs("one variable less", [](auto& r) { r.environment.pop_back(); });
    differs("size", [](auto& r) { r.size = Bytes{1U << 30}; });
    differs("reset", [](auto& r) { r.keep = {Reset::machine_id}; });
    differs("other reset", [](auto& r) { r.keep = {Reset::random_seed}; });
    differs("network", [](auto& r) { r.network = NetworkPolicy::none; });
    EXPECT_TRUE(keys.insert(bake_key(request(), ImageId::random(), kContent)).second) << "parent";
    EXPECT_TRUE(keys.insert(bake_key(request(), kParent, std::string(64, 'd'))).second)
        << "content";
}

TEST(BakeKey, DoesNotChangeWithWhatIsBesideTheImage) {
    auto made = request();
    made.name = "other";
    made.tags = {{"a", "b"}};
    made.share_with = {"111122223333"};
    made.deadline = std::chrono::seconds{1};
    made.limits.memory = Bytes{1U << 30};
    made.rebake = true;
    made.checkpoints = false;
    made.keep_on_failure = true;
    made.source = {Source::Kind::folder, "/elsewhere", {}};
    EXPECT_EQ(key(made), key(request()));
}

TEST(BakeKey, IsPinned) {
    // Keys are stored: a change of this value makes every image and checkpoint be baked anew.
    EXPECT_EQ(key(request()), "6afe1bc009db0ad89c8da43b3f0c62551e7d8f1c4636d6f41608ec0eeaf9f766");
    EXPECT_EQ(
        checkpoint_keys(request(), kParent, kContent).at(1),
        "f93f75908d9554a7bf4a726d328623fc286d7f24713f1c940dc66679638d2968"
    );
}

TEST(CheckpointKeys, EndBeforeTheFirstCommandThatAlwaysRuns) {
    EXPECT_EQ(checkpoint_keys(request(), kParent, kContent).size(), 2U);
    auto first_always = request();
    first_always.commands[0].always = true;
    EXPECT_TRUE(checkpoint_keys(first_always, kParent, kContent).empty());
}

TEST(CheckpointKeys, AreSharedByBakesThatShareAPrefix) {
    auto other = request();
    other.commands = {{"./a", false}, {"./x", false}, {"./b", false}};
    const auto ours = checkpoint_keys(request(), kParent, kContent);
    const auto theirs = checkpoint_keys(other, kParent, kContent);
    EXPECT_EQ(ours[0], theirs[0]);
    EXPECT_NE(ours[1], theirs[1]);
    EXPECT_NE(ours[1], theirs[2]) << "the same command after another one";
}

TEST(CheckpointKeys, ChangeWithParentContentEnvironmentAndVolume) {
    const auto first = checkpoint_keys(request(), kParent, kContent)[0];
    auto other = request();
    other.environment[0].second = "9";
    EXPECT_NE(checkpoint_keys(other, kParent, kContent)[0], first);
    other = request();
    other.size = Bytes{1U << 30};
    EXPECT_NE(checkpoint_keys(other, kParent, kContent)[0], first);
    EXPECT_NE(checkpoint_keys(request(), ImageId::random(), kContent)[0], first);
    EXPECT_NE(checkpoint_keys(request(), kParent, std::string(64, 'd'))[0], first);
    other = request();
    other.keep = {Reset::machine_id};
    EXPECT_EQ(checkpoint_keys(other, kParent, kContent)[0], first)
        << "resets come after the commands";
}

}  // namespace

}  // namespace kiln::bake
