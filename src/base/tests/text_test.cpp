#include "base/sha256.hpp"
#include "base/suggest.hpp"
#include "base/utf8.hpp"

#include <array>

#include <gmock/gmock.h>

namespace kiln {
namespace {

struct SuggestRow {
    const char* name;
    const char* word;
    std::optional<std::string> meant;
};

class Suggest : public ::testing::TestWithParam<SuggestRow> {
  protected:
    std::array<std::string, 4> candidates_{"bootstrap", "parent", "name", "tags"};
};

TEST_P(Suggest, FindsWhatWasMeant) {
    EXPECT_EQ(closest(GetParam().word, candidates_), GetParam().meant);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Suggest,
    ::testing::ValuesIn(std::vector<SuggestRow>{
        {"letter_missing", "bootsrap", "bootstrap"},
        {"letter_too_many", "parrent", "parent"},
        {"letter_wrong", "nome", "name"},
        {"swap_is_one_edit", "tasg", "tags"},
        {"three_edits_in_nine", "botsrp", std::nullopt},
        {"two_edits_in_six", "pasnet", "parent"},
        {"far", "volume", std::nullopt},
        {"short_word_far", "xy", std::nullopt},
        {"empty", "", std::nullopt},
        {"same", "name", "name"},
    }),
    [](const auto& row) { return row.param.name; }
);

TEST(DidYouMean, IsAQuestionOrNothing) {
    const std::array<std::string, 2> candidates{"ubuntu-18.04-bionic", "debian-12"};
    EXPECT_EQ(
        did_you_mean("ubuntu-18.04-bionc", candidates), "; did you mean \"ubuntu-18.04-bionic\"?"
    );
    EXPECT_EQ(did_you_mean("fedora", candidates), "");
}

TEST(DidYouMean, EndlessWordCostsNothing) {
    const std::array<std::string, 1> candidates{std::string(1'000'000, 'x')};
    EXPECT_EQ(did_you_mean(std::string(1'000'000, 'x'), candidates), "");
}

/// FIPS 180-4's examples.
TEST(Sha256, GivesThePublishedDigests) {
    EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(
        sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    );
    EXPECT_EQ(
        sha256(std::string(1'000'000, 'a')),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    );
}

TEST(Sha256, PartsOfAStreamAreOneMessage) {
    EXPECT_EQ(Sha256{}.update("a").update("").update("bc").finish(), sha256("abc"));
}

TEST(Sha256, FieldsAreKeptApart) {
    const auto of = [](std::string_view a, std::string_view b) {
        return Sha256{}.field(a).field(b).finish();
    };
    EXPECT_NE(of("ab", "c"), of("a", "bc"));
    EXPECT_NE(of("", "abc"), of("abc", ""));
    EXPECT_NE(of("1:a", ""), of("", "1:a"));
    EXPECT_NE(Sha256{}.field("").finish(), Sha256{}.finish());
    EXPECT_EQ(of("ab", "c"), of("ab", "c"));
}

struct Utf8Row {
    const char* name;
    std::string bytes;
    bool valid;
    std::string repaired;
};

const std::string kMark = "\xef\xbf\xbd";

class Utf8 : public ::testing::TestWithParam<Utf8Row> {};

TEST_P(Utf8, IsToldFromWhatIsNot) {
    EXPECT_EQ(is_utf8(GetParam().bytes), GetParam().valid);
}

TEST_P(Utf8, IsMadeOfAnything) {
    EXPECT_EQ(to_utf8(GetParam().bytes), GetParam().repaired);
    EXPECT_TRUE(is_utf8(to_utf8(GetParam().bytes)));
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Utf8,
    ::testing::ValuesIn(std::vector<Utf8Row>{
        {"empty", "", true, ""},
        {"ascii", "a\n\x7f", true, "a\n\x7f"},
        {"two_bytes", "\xc2\x80\xdf\xbf", true, "\xc2\x80\xdf\xbf"},
        {"three_bytes", "\xe0\xa0\x80\xef\xbf\xbf", true, "\xe0\xa0\x80\xef\xbf\xbf"},
        {"four_bytes",
         "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
         true,
         "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
        {"nul_is_valid_but_not_kept", std::string{"a\0b", 3}, true, "a" + kMark + "b"},
        {"lone_continuation",
         "a\x80"
         "b",
         false,
         "a" + kMark + "b"},
        {"latin_1", "caf\xe9", false, "caf" + kMark},
        {"overlong_slash", "\xc0\xaf", false, kMark + kMark},
        {"overlong_nul", "\xc0\x80", false, kMark + kMark},
        {"overlong_three", "\xe0\x9f\xbf", false, kMark + kMark + kMark},
        {"overlong_four", "\xf0\x8f\xbf\xbf", false, kMark + kMark + kMark + kMark},
        {"high_surrogate", "\xed\xa0\x80", false, kMark + kMark + kMark},
        {"low_surrogate", "\xed\xbf\xbf", false, kMark + kMark + kMark},
        {"last_before_surrogates", "\xed\x9f\xbf", true, "\xed\x9f\xbf"},
        {"beyond_unicode", "\xf4\x90\x80\x80", false, kMark + kMark + kMark + kMark},
        {"five_bytes", "\xf8\x88\x80\x80\x80", false, kMark + kMark + kMark + kMark + kMark},
        {"cut_short", "a\xe2\x82", false, "a" + kMark + kMark},
        {"cut_then_ascii", "\xe2\x82z", false, kMark + kMark + "z"},
        {"never_a_byte", "\xff\xfe", false, kMark + kMark},
    }),
    [](const auto& row) { return row.param.name; }
);

TEST(Utf8Floor, NeverSplitsACharacter) {
    const std::string_view text =
        "a\xe2\x82\xac"
        "b";
    EXPECT_EQ(utf8_floor(text, 0), 0U);
    EXPECT_EQ(utf8_floor(text, 1), 1U);
    EXPECT_EQ(utf8_floor(text, 2), 1U);
    EXPECT_EQ(utf8_floor(text, 3), 1U);
    EXPECT_EQ(utf8_floor(text, 4), 4U);
    EXPECT_EQ(utf8_floor(text, 5), 5U);
    EXPECT_EQ(utf8_floor(text, 99), 5U);
}

}  // namespace
}  // namespace kiln
