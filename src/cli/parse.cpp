#include "cli/parse.hpp"

#include "base/error.hpp"
#include "base/suggest.hpp"
#include "cli/help.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kiln::cli {

namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& help_of) {
    throw Error{ErrorKind::invalid, what}.hint(
        help_of.empty() ? "kiln --help" : "kiln " + help_of + " --help"
    );
}

const Option* find_global(std::string_view word) {
    for (const auto& option : global_options()) {
        const auto full = "--" + option.name;
        if (word == full || word.starts_with(full + "=") ||
            (option.letter != 0 && word == std::string{'-', option.letter})) {
            return &option;
        }
    }
    return nullptr;
}

/// Words in the order in which the verb's own parser takes them: what stands before the verb is
/// moved behind it.
struct Split {
    std::vector<std::string> verb;  ///< one or two words
    std::vector<std::string> rest;
};

Split split(const Grammar& grammar, const std::vector<std::string>& words) {
    Split parts;
    std::size_t i = 0;
    for (; i < words.size() && words[i].starts_with('-') && words[i] != "-"; ++i) {
        const auto* option = find_global(words[i]);
        if (option == nullptr) {
            std::vector<std::string> known;
            for (const auto& global : global_options()) {
                known.push_back("--" + global.name);
            }
            known.emplace_back("--version");
            refuse("unknown flag '" + words[i] + "'" + did_you_mean(words[i], known), "");
        }
        parts.rest.push_back(words[i]);
        if (!option->value.empty() && words[i].find('=') == std::string::npos &&
            i + 1 < words.size()) {
            parts.rest.push_back(words[++i]);
        }
    }
    if (i < words.size()) {
        parts.verb.push_back(words[i++]);
    }
    if (i < words.size()) {
        const auto two = parts.verb[0] + " " + words[i];
        if (std::any_of(grammar.verbs.begin(), grammar.verbs.end(), [&](const Verb& verb) {
                return verb.path == two;
            })) {
            parts.verb.push_back(words[i++]);
        }
    }
    parts.rest.insert(
        parts.rest.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end()
    );
    return parts;
}

const Verb* find_verb(const Grammar& grammar, const std::string& path) {
    const auto found =
        std::find_if(grammar.verbs.begin(), grammar.verbs.end(), [&](const Verb& verb) {
            return verb.path == path;
        });
    return found != grammar.verbs.end() ? &*found : nullptr;
}

const Group* find_group(const Grammar& grammar, const std::string& name) {
    const auto found =
        std::find_if(grammar.groups.begin(), grammar.groups.end(), [&](const Group& one) {
            return one.name == name;
        });
    return found != grammar.groups.end() ? &*found : nullptr;
}

/// The first words that exist, or the second words below `group`.
std::vector<std::string> words_below(const Grammar& grammar, const std::string& group) {
    std::vector<std::string> words;
    for (const auto& verb : grammar.verbs) {
        const auto space = verb.path.find(' ');
        if (verb.hidden) {
            continue;
        }
        if (group.empty()) {
            words.push_back(verb.path.substr(0, space));
        } else if (space != std::string::npos && verb.path.substr(0, space) == group) {
            words.push_back(verb.path.substr(space + 1));
        }
    }
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
}

bool asks_for_help(const std::vector<std::string>& words) {
    return std::any_of(words.begin(), words.end(), [](const std::string& word) {
        return word == "--help" || word == "-h";
    });
}

/// CLI11 takes "[1,2]" for a list of two values; with this in front it is a word like any other.
constexpr char kGuard = '\x02';

void guard_brackets(std::vector<std::string>& words) {
    for (auto& word : words) {
        if (word.starts_with('[')) {
            word.insert(word.begin(), kGuard);
        }
    }
}

std::string without_guard(std::string word) {
    if (word.starts_with(kGuard)) {
        word.erase(word.begin());
    }
    return word;
}

/// CLI11's application for one verb.
class Parser {
  public:
    explicit Parser(const Verb& verb) : verb_{verb}, app_{verb.summary, "kiln " + verb.path} {
        app_.set_help_flag("");
        app_.allow_extras(true);
        options_ = verb.options;
        options_.insert(options_.end(), global_options().begin(), global_options().end());
        if (verb.json) {
            options_.push_back(json_option());
        }
        for (const auto& option : options_) {
            add(option);
        }
        for (const auto& argument : verb.arguments) {
            auto* added = app_.add_option(argument.name, values_[argument.name]);
            const bool many =
                argument.count == Argument::Count::some || argument.count == Argument::Count::any;
            // CLI11 gives a word to the first argument that still takes one.
            many ? added->expected(0, CLI::detail::expected_max_vector_size) : added->expected(1);
            added->allow_extra_args(many);
        }
    }

    Arguments parse(std::vector<std::string> words) {
        const auto dashes = std::find(words.begin(), words.end(), "--");
        const std::vector<std::string> literal(
            dashes != words.end() ? dashes + 1 : dashes, words.end()
        );
        words.erase(dashes, words.end());
        guard_brackets(words);
        std::reverse(words.begin(), words.end());
        try {
            app_.parse(std::move(words));
        } catch (const CLI::ParseError& error) {
            complain(error.what());
        }
        for (const auto& word : literal) {
            add_argument(word);
        }
        refuse_extras(app_.remaining());
        if (flags_["help"] != 0) {
            return collect();
        }
        check_options();
        check_arguments();
        return collect();
    }

  private:
    void add(const Option& option) {
        auto names = "--" + option.name;
        if (option.letter != 0) {
            names += std::string{",-"} + option.letter;
        }
        if (option.value.empty()) {
            app_.add_flag(names, flags_[option.name]);
            return;
        }
        auto* added = app_.add_option(names, values_[option.name]);
        added->expected(1);
        added->allow_extra_args(false);
        added->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }

    /// What stands behind `--` is an argument, whatever it looks like.
    void add_argument(const std::string& word) {
        for (const auto& argument : verb_.arguments) {
            auto& values = values_[argument.name];
            const bool many =
                argument.count == Argument::Count::some || argument.count == Argument::Count::any;
            if (many || values.empty()) {
                values.push_back(word);
                return;
            }
        }
        refuse(fmt::format("unexpected argument '{}'", word), verb_.path);
    }

    [[noreturn]] void complain(const std::string& what) {
        for (const auto& option : options_) {
            if (!option.value.empty() && what.starts_with("--" + option.name + ":")) {
                refuse(
                    fmt::format(
                        "--{} needs a value: --{} {}", option.name, option.name, option.value
                    ),
                    verb_.path
                );
            }
        }
        refuse(what, verb_.path);
    }

    void refuse_extras(const std::vector<std::string>& extras) {
        if (extras.empty()) {
            return;
        }
        const auto word = without_guard(extras.front());
        if (!word.starts_with('-') || word == "-") {
            refuse(fmt::format("unexpected argument '{}'", word), verb_.path);
        }
        std::vector<std::string> known;
        for (const auto& option : options_) {
            known.push_back("--" + option.name);
        }
        refuse(
            "unknown flag '" + word + "'" + did_you_mean(word.substr(0, word.find('=')), known),
            verb_.path
        );
    }

    void check_options() {
        for (const auto& option : options_) {
            const auto& given = values_[option.name];
            if (!option.repeatable && given.size() > 1) {
                refuse(
                    fmt::format("--{} is given {} times", option.name, given.size()), verb_.path
                );
            }
            for (const auto& value : given) {
                const auto& choices = option.choices;
                if (!choices.empty() &&
                    std::find(choices.begin(), choices.end(), value) == choices.end()) {
                    refuse(
                        fmt::format(
                            "--{}: '{}' is none of {}", option.name, value, fmt::join(choices, ", ")
                        ) + did_you_mean(value, choices),
                        verb_.path
                    );
                }
            }
        }
    }

    void check_arguments() {
        for (const auto& argument : verb_.arguments) {
            const bool wanted =
                argument.count == Argument::Count::one || argument.count == Argument::Count::some;
            if (wanted && values_[argument.name].empty()) {
                refuse(fmt::format("{} is missing: {}", argument.name, argument.help), verb_.path);
            }
        }
    }

    Arguments collect() {
        std::set<std::string> known;
        for (const auto& option : options_) {
            known.insert(option.name);
        }
        for (const auto& argument : verb_.arguments) {
            known.insert(argument.name);
        }
        Arguments arguments{std::move(known)};
        for (auto& [name, given] : values_) {
            for (auto& value : given) {
                arguments.add(name, without_guard(std::move(value)));
            }
        }
        for (const auto& [name, count] : flags_) {
            if (count > 0) {
                arguments.add(name, "true");
            }
        }
        return arguments;
    }

    const Verb& verb_;
    CLI::App app_;
    std::vector<Option> options_;
    std::map<std::string, std::vector<std::string>> values_;
    std::map<std::string, std::int64_t> flags_;
};

[[noreturn]] void refuse_verb(const Grammar& grammar, const Split& parts) {
    const auto& first = parts.verb[0];
    if (find_group(grammar, first) == nullptr) {
        const auto known = words_below(grammar, "");
        refuse(fmt::format("unknown command '{}'", first) + did_you_mean(first, known), "");
    }
    const auto below = words_below(grammar, first);
    const auto second =
        std::find_if(parts.rest.begin(), parts.rest.end(), [](const std::string& word) {
            return !word.starts_with('-');
        });
    if (second == parts.rest.end()) {
        refuse(fmt::format("kiln {} wants one of: {}", first, fmt::join(below, ", ")), first);
    }
    refuse(
        fmt::format("unknown command '{} {}'", first, *second) + did_you_mean(*second, below), first
    );
}

}  // namespace

std::variant<Invocation, ShowHelp, ShowVersion> parse(
    const Grammar& grammar, const std::vector<std::string>& words
) {
    if (words.empty() || words[0] == "help") {
        if (words.size() < 2) {
            return ShowHelp{help_of_all(grammar)};
        }
        auto again = std::vector<std::string>(words.begin() + 1, words.end());
        again.emplace_back("--help");
        return parse(grammar, again);
    }
    if (words[0] == "--version" || words[0] == "-V") {
        return ShowVersion{};
    }
    const auto parts = split(grammar, words);
    if (parts.verb.empty()) {
        if (asks_for_help(parts.rest)) {
            return ShowHelp{help_of_all(grammar)};
        }
        refuse("a command is missing", "");
    }
    const auto* verb = find_verb(grammar, fmt::format("{}", fmt::join(parts.verb, " ")));
    if (verb == nullptr) {
        const auto* group = find_group(grammar, parts.verb[0]);
        if (group != nullptr && parts.rest.size() == 1 && asks_for_help(parts.rest)) {
            return ShowHelp{help_of_group(grammar, *group)};
        }
        refuse_verb(grammar, parts);
    }
    Invocation invocation;
    invocation.verb = verb;
    invocation.arguments = Parser{*verb}.parse(parts.rest);
    const auto& arguments = invocation.arguments;
    if (arguments.has("help")) {
        return ShowHelp{help_of(grammar, *verb)};
    }
    invocation.json = verb->json && arguments.has("json");
    invocation.quiet = arguments.has("quiet");
    invocation.settings.home = arguments.one("home");
    if (const auto config = arguments.one("config")) {
        invocation.settings.config = *config;
    }
    invocation.settings.set = arguments.all("set");
    return invocation;
}

bool wants_json(const std::vector<std::string>& words) {
    const auto end = std::find(words.begin(), words.end(), "--");
    return std::find(words.begin(), end, "--json") != end;
}

}  // namespace kiln::cli
