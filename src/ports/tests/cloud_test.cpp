#include "ports/cloud.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::ports {
namespace {

struct WildcardRow {
    std::string name, pattern, text;
    bool hit;
};

class Wildcard : public ::testing::TestWithParam<WildcardRow> {};

TEST_P(Wildcard, MatchesAsEc2Does) {
    const auto& row = GetParam();
    EXPECT_EQ(wildcard_match(row.pattern, row.text), row.hit) << row.pattern << " / " << row.text;
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Wildcard,
    ::testing::Values(
        WildcardRow{"EmptyMatchesEmpty", "", "", true},
        WildcardRow{"EmptyMatchesNothingElse", "", "a", false},
        WildcardRow{"LiteralIsExact", "web", "web", true},
        WildcardRow{"LiteralIsNoPrefix", "web", "webs", false},
        WildcardRow{"LiteralIsNoSuffix", "web", "aweb", false},
        WildcardRow{"CaseCounts", "Web", "web", false},
        WildcardRow{"StarMatchesNothing", "web*", "web", true},
        WildcardRow{"StarMatchesARun", "web*42", "web@main@42", true},
        WildcardRow{"StarGoesBack", "*ab", "aab", true},
        WildcardRow{"StarGoesBackSeveralTimes", "a*b*c", "abbbxc", true},
        WildcardRow{"StarMayFail", "a*c", "ab", false},
        WildcardRow{"StarsAtTheEnd", "a***", "a", true},
        WildcardRow{"OneIsExactlyOne", "w?b", "web", true},
        WildcardRow{"OneIsNotNone", "web?", "web", false},
        WildcardRow{"OneIsAWholeCharacter", "caf?", "caf\xc3\xa9", true},
        WildcardRow{"OneIsNotTwoCharacters", "caf?", "caf\xc3\xa9s", false},
        WildcardRow{"EscapedStarIsLiteral", "a\\*", "a*", true},
        WildcardRow{"EscapedStarIsNoRun", "a\\*", "abc", false},
        WildcardRow{"EscapedOneIsLiteral", "a\\?", "a?", true},
        WildcardRow{"EscapedOneIsNoWildcard", "a\\?", "ab", false},
        WildcardRow{"EscapedBackslash", "a\\\\b", "a\\b", true},
        WildcardRow{"LastBackslashIsItself", "a\\", "a\\", true}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(WildcardMatch, ManyStarsTakeNoExponentialTime) {
    std::string pattern;
    for (int i = 0; i < 50; ++i) {
        pattern += "*a";
    }
    EXPECT_FALSE(wildcard_match(pattern + "b", std::string(2000, 'a')));
}

Image web_image() {
    Image image;
    image.id = ImageId::parse("ami-0123456789abcdef0");
    image.name = "web@main@42";
    image.owner = "self";
    image.architecture = "x86_64";
    image.state = ImageState::available;
    image.root_snapshot = SnapshotId::parse("snap-0123456789abcdef0");
    image.tags = {{"team", "web"}, {"stage", "prod"}};
    return image;
}

struct FilterRow {
    std::string name;
    ImageFilter filter;
    bool hit;
};

class Filter : public ::testing::TestWithParam<FilterRow> {};

TEST_P(Filter, HoldsForTheImage) {
    EXPECT_EQ(matches(GetParam().filter, web_image()), GetParam().hit);
}

const auto kWeb = ImageId::trusted("ami-0123456789abcdef0");
const auto kOther = ImageId::trusted("ami-fffffffffffffffff");

INSTANTIATE_TEST_SUITE_P(
    Table,
    Filter,
    ::testing::Values(
        FilterRow{"NothingSetMatches", {}, true},
        FilterRow{"IdIsOneOf", {.ids = {kOther, kWeb}}, true},
        FilterRow{"IdIsNone", {.ids = {kOther}}, false},
        FilterRow{"NameIsOneOf", {.names = {"nope", "web@*"}}, true},
        FilterRow{"NameIsNone", {.names = {"web"}}, false},
        FilterRow{"TagHasValue", {.tags = {{"team", {"db", "w*"}}}}, true},
        FilterRow{"TagHasOtherValue", {.tags = {{"team", {"db"}}}}, false},
        FilterRow{"TagIsAbsent", {.tags = {{"owner", {"*"}}}}, false},
        FilterRow{"EveryTagMustHold", {.tags = {{"team", {"web"}}, {"stage", {"dev"}}}}, false},
        FilterRow{"TagKeyIsOneOf", {.tag_keys = {"nope", "st?ge"}}, true},
        FilterRow{"TagKeyIsAbsent", {.tag_keys = {"nope"}}, false},
        FilterRow{"OwnerMatches", {.owners = {"self"}}, true},
        FilterRow{"OwnerDiffers", {.owners = {"111122223333"}}, false},
        FilterRow{"ArchitectureMatches", {.architectures = {"arm64", "x86_64"}}, true},
        FilterRow{"ArchitectureDiffers", {.architectures = {"arm64"}}, false},
        FilterRow{"StateMatches", {.states = {"available"}}, true},
        FilterRow{"StateDiffers", {.states = {"pending"}}, false},
        FilterRow{"AllMustHold", {.names = {"web*"}, .owners = {"other"}}, false}
    ),
    [](const auto& tested) { return tested.param.name; }
);

struct NameRow {
    std::string name, image_name;
    std::optional<std::string> complaint;
};

class ImageName : public ::testing::TestWithParam<NameRow> {};

TEST_P(ImageName, IsJudgedByEc2sAlphabet) {
    const auto problem = image_name_problem(GetParam().image_name);
    ASSERT_EQ(problem.has_value(), GetParam().complaint.has_value());
    if (problem) {
        EXPECT_THAT(*problem, ::testing::HasSubstr(*GetParam().complaint));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    ImageName,
    ::testing::Values(
        NameRow{"Plain", "web@main@42", std::nullopt},
        NameRow{"EveryMark", "a ()[]./-'@_9Z", std::nullopt},
        NameRow{"Shortest", "abc", std::nullopt},
        NameRow{"Longest", std::string(128, 'a'), std::nullopt},
        NameRow{"TooShort", "ab", "3 to 128 characters; this one has 2"},
        NameRow{"Empty", "", "this one has 0"},
        NameRow{"TooLong", std::string(129, 'a'), "this one has 129"},
        NameRow{"Star", "web*", "'*' (character 4)"},
        NameRow{"LineBreak", "web\n", "byte 0x0a"},
        NameRow{"NoAscii", "caf\xc3\xa9", "byte 0xc3"}
    ),
    [](const auto& tested) { return tested.param.name; }
);

struct TagRow {
    std::string name, key, value;
    std::optional<std::string> complaint;
};

class TagRules : public ::testing::TestWithParam<TagRow> {};

TEST_P(TagRules, AreEc2s) {
    const auto& row = GetParam();
    const auto problems = tag_problems({{row.key, row.value}}, "tags");
    ASSERT_EQ(!problems.empty(), row.complaint.has_value());
    if (row.complaint) {
        EXPECT_THAT(problems.front().what, ::testing::HasSubstr(*row.complaint));
        EXPECT_THAT(problems.front().where, ::testing::StartsWith("tags."));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    TagRules,
    ::testing::Values(
        TagRow{"Plain", "team", "web", std::nullopt},
        TagRow{"EmptyValue", "keep", "", std::nullopt},
        TagRow{"LongestKey", std::string(127, 'k'), "", std::nullopt},
        TagRow{"TooLongKey", std::string(128, 'k'), "", "at most 127"},
        TagRow{"LongestValue", "k", std::string(255, 'v'), std::nullopt},
        TagRow{"TooLongValue", "k", std::string(256, 'v'), "at most 255"},
        TagRow{"EmptyKey", "", "v", "at least 1"},
        TagRow{"Reserved", "aws:x", "v", "reserved"},
        TagRow{"ReservedInAnyCase", "AWS:x", "v", "reserved"},
        TagRow{"LooksReservedOnly", "awsome", "v", std::nullopt},
        TagRow{"KeyIsNoText", "k\xff", "v", "UTF-8"},
        TagRow{"ValueIsNoText", "k", "\xff", "UTF-8"}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(TagProblems, FiftyTagsAreTheMost) {
    Tags tags;
    for (int i = 0; i < 50; ++i) {
        tags["k" + std::to_string(i)] = "v";
    }
    EXPECT_TRUE(tag_problems(tags, "tags").empty());
    tags["one more"] = "v";
    ASSERT_EQ(tag_problems(tags, "tags").size(), 1U);
    EXPECT_EQ(tag_problems(tags, "tags").front().where, "tags");
}

TEST(TagProblems, LongCharactersCountOnce) {
    std::string value;
    for (int i = 0; i < 255; ++i) {
        value += "\xc3\xa9";
    }
    EXPECT_TRUE(tag_problems({{"k", value}}, "tags").empty());
}

TEST(ImageJson, HasEveryFieldAndNullForNone) {
    const auto image = web_image();
    EXPECT_EQ(
        json::serialize(to_json(image)),
        R"({"id":"ami-0123456789abcdef0","name":"web@main@42","description":"",)"
        R"("architecture":"x86_64","owner":"self","state":"available",)"
        R"("root_snapshot":"snap-0123456789abcdef0","size_bytes":0,)"
        R"("created":"1970-01-01T00:00:00.000Z","parent":null,"bake":null,"bake_key":null,)"
        R"("tags":{"stage":"prod","team":"web"},"shared_with":[]})"
    );
}

TEST(VolumeJson, NamesTheStateAsEc2Does) {
    Volume volume;
    volume.id = VolumeId::parse("vol-0123456789abcdef0");
    volume.zone = "local-1a";
    volume.size = {4096};
    volume.state = VolumeState::in_use;
    EXPECT_EQ(
        json::serialize(to_json(volume)),
        R"({"id":"vol-0123456789abcdef0","zone":"local-1a","size_bytes":4096,"snapshot":null,)"
        R"("state":"in-use","created":"1970-01-01T00:00:00.000Z","tags":{}})"
    );
}

TEST(SnapshotJson, TellsSizesInBytes) {
    Snapshot snapshot;
    snapshot.id = SnapshotId::parse("snap-0123456789abcdef0");
    snapshot.size = {8192};
    snapshot.stored = {512};
    snapshot.state = SnapshotState::completed;
    snapshot.shared_with = {"111122223333"};
    EXPECT_EQ(
        json::serialize(to_json(snapshot)),
        R"({"id":"snap-0123456789abcdef0","description":"","size_bytes":8192,"stored_bytes":512,)"
        R"("state":"completed","created":"1970-01-01T00:00:00.000Z","tags":{},)"
        R"("shared_with":["111122223333"]})"
    );
}

}  // namespace
}  // namespace kiln::ports
