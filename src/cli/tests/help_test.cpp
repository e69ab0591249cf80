#include "cli/help.hpp"

#include "cli/table.hpp"
#include "cli/verbs.hpp"
#include "os/fd.hpp"

#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>

namespace kiln::cli {
namespace {

using ::testing::HasSubstr;

const std::filesystem::path kData =
    std::filesystem::path{KILN_SOURCE_DIR} / "src/cli/tests/data/help";

/// Compares with the golden file, or with KILN_TEST_ACCEPT=1 rewrites it and skips.
void compare(const std::string& name, const std::string& text) {
    const auto file = kData / (name + ".txt");
    if (std::getenv("KILN_TEST_ACCEPT") != nullptr) {
        std::filesystem::create_directories(kData);
        std::ofstream{file} << text;
        GTEST_SKIP() << "rewrote " << file;
    }
    EXPECT_EQ(text, os::read_file(file)) << "KILN_TEST_ACCEPT=1 rewrites the file";
}

std::vector<std::string> paths() {
    std::vector<std::string> all;
    for (const auto& verb : grammar().verbs) {
        all.push_back(verb.path);
    }
    return all;
}

std::string file_name(std::string path) {
    std::replace(path.begin(), path.end(), ' ', '_');
    return path;
}

const Verb& verb_of(const std::string& path) {
    const auto& verbs = grammar().verbs;
    return *std::find_if(verbs.begin(), verbs.end(), [&](const Verb& verb) {
        return verb.path == path;
    });
}

class HelpOfVerb : public ::testing::TestWithParam<std::string> {};

TEST_P(HelpOfVerb, IsTheGoldenOne) {
    compare(file_name(GetParam()), help_of(grammar(), verb_of(GetParam())));
}

TEST_P(HelpOfVerb, FitsEightyColumns) {
    std::istringstream lines{help_of(grammar(), verb_of(GetParam()))};
    bool examples = false;
    for (std::string line; std::getline(lines, line);) {
        examples = examples || line == "Examples:";
        if (!examples) {  // a command to copy is never broken
            EXPECT_LE(columns(line), 80U) << line;
        }
    }
}

TEST_P(HelpOfVerb, ExplainsEveryFlagAndShowsAnExample) {
    const auto& verb = verb_of(GetParam());
    EXPECT_FALSE(verb.examples.empty());
    for (const auto& option : verb.options) {
        EXPECT_FALSE(option.help.empty()) << option.name;
    }
    for (const auto& argument : verb.arguments) {
        EXPECT_FALSE(argument.help.empty()) << argument.name;
    }
}

/// An example that the parser refuses teaches a mistake.
TEST_P(HelpOfVerb, ItsExamplesParse) {
    for (const auto& example : verb_of(GetParam()).examples) {
        auto command = example.command.substr(example.command.find("kiln ") + 5);
        command = command.substr(0, command.find_first_of("|<>"));
        std::vector<std::string> words;
        std::string word;
        bool quoted = false;
        for (const char c : command + " ") {
            if (c == '\'') {
                quoted = !quoted;
            } else if ((c == ' ' || c == ')') && !quoted) {
                if (!word.empty()) {
                    words.push_back(std::exchange(word, ""));
                }
                if (c == ')') {
                    break;  // what follows is the shell's
                }
            } else {
                word += c;
            }
        }
        EXPECT_NO_THROW((void)parse(grammar(), words)) << example.command;
    }
}

INSTANTIATE_TEST_SUITE_P(Cli, HelpOfVerb, ::testing::ValuesIn(paths()), [](const auto& row) {
    auto name = file_name(row.param);
    std::replace(name.begin(), name.end(), '-', '_');  // GoogleTest's names have none
    return name;
});

TEST(Help, OfEverythingIsTheGoldenOne) {
    compare("kiln", help_of_all(grammar()));
}

TEST(Help, NamesEveryVerbButThoseForKilnItself) {
    const auto text = help_of_all(grammar());
    for (const auto& verb : grammar().verbs) {
        EXPECT_EQ(text.find("  " + verb.path + " ") == std::string::npos, verb.hidden) << verb.path;
    }
}

TEST(Help, OfAGroupNamesItsVerbsOnly) {
    const auto text = help_of_group(grammar(), {"volume", "Volumes"});
    EXPECT_THAT(text, HasSubstr("volume create"));
    EXPECT_THAT(text, ::testing::Not(HasSubstr("snapshot create")));
}

TEST(Help, WrapsBetweenWords) {
    EXPECT_EQ(wrap("one two three", 2, 10), "one two\n  three");
    EXPECT_EQ(wrap("unbreakablylong", 2, 10), "unbreakablylong");
    EXPECT_EQ(wrap("", 2, 10), "");
}

TEST(Completion, KnowsEveryVerbAndFlag) {
    const auto script = bash_completion(grammar());
    for (const auto& verb : grammar().verbs) {
        const auto clause = "\"" + verb.path + "\") flags=";
        EXPECT_EQ(script.find(clause) == std::string::npos, verb.hidden) << verb.path;
    }
    EXPECT_THAT(script, HasSubstr("--keep-on-failure"));
}

}  // namespace
}  // namespace kiln::cli
