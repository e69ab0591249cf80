#pragma once

#include "cli/config.hpp"
#include "cli/verb.hpp"

#include <string>
#include <variant>
#include <vector>

namespace kiln::cli {

/// Everything that can be said to kiln.
struct Grammar {
    std::vector<Group> groups;
    std::vector<Verb> verbs;
};

/// A command line that was understood.
struct Invocation {
    const Verb* verb = nullptr;
    Arguments arguments;
    SettingFlags settings;
    bool json = false;
    bool quiet = false;
};

/// Text is wanted instead of work.
struct ShowHelp {
    std::string text;
};

struct ShowVersion {};

/// Reads a command line, without the program's name. Pure.
/// @throws Error  invalid: unknown verb, flag or argument, with a suggestion; a value that is
/// missing
[[nodiscard]] std::variant<Invocation, ShowHelp, ShowVersion> parse(
    const Grammar& grammar, const std::vector<std::string>& words
);

/// Is --json among the words? Asked when parsing failed, to shape the error.
[[nodiscard]] bool wants_json(const std::vector<std::string>& words);

}  // namespace kiln::cli
