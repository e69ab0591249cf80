#include "cli/parse.hpp"

#include "base/error.hpp"
#include "cli/verbs.hpp"

#include <gmock/gmock.h>

namespace kiln::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Invocation understood(const std::vector<std::string>& words) {
    return std::get<Invocation>(parse(grammar(), words));
}

struct Refused {
    std::string name;
    std::vector<std::string> words;
    std::string message;
};

class CommandLineRefused : public ::testing::TestWithParam<Refused> {};

TEST_P(CommandLineRefused, SaysWhatWouldBeRight) {
    try {
        (void)parse(grammar(), GetParam().words);
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_THAT(error.message(), HasSubstr(GetParam().message));
        EXPECT_THAT(error.hint(), HasSubstr("--help"));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Parse,
    CommandLineRefused,
    ::testing::Values(
        Refused{
            "UnknownCommand", {"imag", "list"}, "unknown command 'imag'; did you mean \"image\"?"},
        Refused{
            "UnknownSubcommand",
            {"image", "lst"},
            "unknown command 'image lst'; did you mean \"list\"?"},
        Refused{"MissingSubcommand", {"image"}, "kiln image wants one of: import, list"},
        Refused{"OnlyFlags", {"--quiet"}, "a command is missing"},
        Refused{
            "UnknownGlobalFlag",
            {"--qiet", "gc"},
            "unknown flag '--qiet'; did you mean \"--quiet\"?"},
        Refused{
            "UnknownFlag",
            {"bake", "--nmae", "web"},
            "unknown flag '--nmae'; did you mean \"--name\"?"},
        Refused{"UnknownFlagWithValue", {"bake", "--nmae=web"}, "did you mean \"--name\"?"},
        Refused{"UnknownLetter", {"gc", "-x"}, "unknown flag '-x'"},
        Refused{"ValueMissing", {"bake", "--name"}, "--name needs a value: --name NAME"},
        Refused{"GivenTwice", {"bake", "--name", "a", "--name", "b"}, "--name is given 2 times"},
        Refused{
            "NotAChoice",
            {"bake", "--network", "hots"},
            "'hots' is none of host, none; did you mean \"host\"?"},
        Refused{"ArgumentMissing", {"image", "show"}, "IMAGE is missing"},
        Refused{"OneOfTwoMissing", {"image", "rename", "web"}, "NAME is missing"},
        Refused{"ArgumentTooMany", {"image", "show", "a", "b"}, "unexpected argument 'b'"},
        Refused{"NoArgumentsAtAll", {"gc", "now"}, "unexpected argument 'now'"},
        Refused{"JsonWhereThereIsNone", {"bake", "shell", "x", "--json"}, "unknown flag '--json'"}
    ),
    [](const auto& row) { return row.param.name; }
);

struct Accepted {
    std::string name;
    std::vector<std::string> words;
    std::string path;
};

class CommandLine : public ::testing::TestWithParam<Accepted> {};

TEST_P(CommandLine, FindsItsVerb) {
    EXPECT_EQ(understood(GetParam().words).verb->path, GetParam().path);
}

INSTANTIATE_TEST_SUITE_P(
    Parse,
    CommandLine,
    ::testing::Values(
        Accepted{"OneWord", {"gc"}, "gc"},
        Accepted{"TwoWords", {"image", "list"}, "image list"},
        Accepted{"ABakeOfAFile", {"bake", "request.json"}, "bake"},
        Accepted{"ACommandWinsOverAFileOfItsName", {"bake", "list"}, "bake list"},
        Accepted{"AFileNamedLikeACommand", {"bake", "./list"}, "bake"},
        Accepted{"GlobalFlagsFirst", {"--home", "/srv/kiln", "-q", "image", "list"}, "image list"},
        Accepted{"GlobalFlagWithEquals", {"--home=/srv/kiln", "gc"}, "gc"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(Parse, GlobalFlagsCountWhereverTheyStand) {
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{
              "--home", "/a", "--set", "log.level=debug", "-q", "image", "list", "--json"},
          std::vector<std::string>{
              "image", "list", "--json", "-q", "--set=log.level=debug", "--home=/a"}}) {
        const auto invocation = understood(words);
        EXPECT_EQ(invocation.settings.home, "/a");
        EXPECT_THAT(invocation.settings.set, ElementsAre("log.level=debug"));
        EXPECT_TRUE(invocation.quiet);
        EXPECT_TRUE(invocation.json);
    }
}

TEST(Parse, RepeatedFlagsKeepTheirOrder) {
    const auto arguments =
        understood({"bake", "--command", "a b", "--command=-c", "--command", "--json"}).arguments;
    EXPECT_THAT(arguments.all("command"), ElementsAre("a b", "-c", "--json"));
}

TEST(Parse, AFlagTakesOneValueOnly) {
    const auto arguments = understood({"bake", "--command", "a", "request.json"}).arguments;
    EXPECT_THAT(arguments.all("command"), ElementsAre("a"));
    EXPECT_THAT(arguments.all("REQUEST"), ElementsAre("request.json"));
}

TEST(Parse, ADashIsAnArgument) {
    EXPECT_THAT(
        understood({"bake", "-", "a.json"}).arguments.all("REQUEST"), ElementsAre("-", "a.json")
    );
}

TEST(Parse, WhatFollowsTwoDashesIsTakenAsItIs) {
    const auto arguments =
        understood({"bake", "shell", "web", "--", "ls", "-l", "--json", "/"}).arguments;
    EXPECT_EQ(arguments.one("BAKE"), "web");
    EXPECT_THAT(arguments.all("COMMAND"), ElementsAre("ls", "-l", "--json", "/"));
}

TEST(Parse, VersionAndHelpAreNoVerbs) {
    EXPECT_TRUE(std::holds_alternative<ShowVersion>(parse(grammar(), {"--version"})));
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{},
          {"--help"},
          {"help"},
          {"image", "--help"},
          {"help", "image", "list"},
          {"image", "list", "--help"},
          {"bake", "-h"},
          {"image", "show", "--help"}}) {
        EXPECT_TRUE(std::holds_alternative<ShowHelp>(parse(grammar(), words)));
    }
}

TEST(Parse, JsonAfterTwoDashesIsNotForUs) {
    EXPECT_TRUE(wants_json({"image", "list", "--json"}));
    EXPECT_FALSE(wants_json({"bake", "shell", "x", "--", "--json"}));
}

}  // namespace
}  // namespace kiln::cli
