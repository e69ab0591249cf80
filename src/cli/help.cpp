#include "cli/help.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::cli {

std::string wrap(std::string_view text, std::size_t indent, std::size_t width) {
    std::string out;
    std::size_t column = indent;
    bool first = true;
    while (!text.empty()) {
        const auto begin = text.find_first_not_of(' ');
        if (begin == std::string_view::npos) {
            break;
        }
        text.remove_prefix(begin);
        const auto word = text.substr(0, text.find(' '));
        text.remove_prefix(word.size());
        if (!first && column + 1 + word.size() > width) {
            out += '\n' + std::string(indent, ' ');
            column = indent;
        } else if (!first) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        first = false;
    }
    return out;
}

namespace {

constexpr std::size_t kWidest = 26;  ///< of a left column; what is wider gets a line of its own

/// Two columns: a term, and what it means.
class Terms {
  public:
    void add(std::string term, std::string meaning) {
        if (term.size() <= kWidest) {
            width_ = std::max(width_, term.size());
        }
        rows_.emplace_back(std::move(term), std::move(meaning));
    }

    [[nodiscard]] std::string text() const {
        std::string out;
        const auto indent = width_ + 4;
        for (const auto& [term, meaning] : rows_) {
            const bool fits = term.size() <= width_;
            out += "  " + term +
                   (fits ? std::string(indent - 2 - term.size(), ' ')
                         : "\n" + std::string(indent, ' '));
            out += wrap(meaning, indent) + "\n";
        }
        return out;
    }

  private:
    std::size_t width_ = 0;
    std::vector<std::pair<std::string, std::string>> rows_;
};

std::string usage_word(const Argument& argument) {
    switch (argument.count) {
        case Argument::Count::one:
            return argument.name;
        case Argument::Count::optional:
            return "[" + argument.name + "]";
        case Argument::Count::some:
            return argument.name + "...";
        case Argument::Count::any:
            return "[" + argument.name + "...]";
    }
    return argument.name;
}

std::string option_term(const Option& option) {
    auto term = option.letter != 0 ? fmt::format("-{}, --{}", option.letter, option.name)
                                   : fmt::format("--{}", option.name);
    return option.value.empty() ? term : term + " " + option.value;
}

std::string options_text(const std::vector<Option>& options) {
    Terms terms;
    for (const auto& option : options) {
        terms.add(
            option_term(option), option.help + (option.repeatable ? " (may be repeated)" : "")
        );
    }
    return terms.text();
}

std::string paragraphs(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        out += (line.starts_with("  ") ? std::string{line} : wrap(line, 0)) + "\n";
        text = end == std::string_view::npos ? "" : text.substr(end + 1);
    }
    return out;
}

std::string verbs_below(const Grammar& grammar, const std::string& group) {
    Terms terms;
    for (const auto& verb : grammar.verbs) {
        if (!verb.hidden && verb.path.starts_with(group + " ")) {
            terms.add(verb.path, verb.summary);
        }
    }
    return terms.text();
}

}  // namespace

std::string help_of_all(const Grammar& grammar) {
    std::string out =
        "kiln makes machine images on demand: parent image + bootstrap code -> new image.\n\n"
        "Usage: kiln COMMAND [ARGUMENTS] [FLAGS]\n";
    for (const auto& group : grammar.groups) {
        Terms terms;
        for (const auto& verb : grammar.verbs) {
            if (!verb.hidden &&
                (verb.path == group.name || verb.path.starts_with(group.name + " "))) {
                terms.add(verb.path, verb.summary);
            }
        }
        out += "\n" + group.summary + ":\n" + terms.text();
    }
    auto flags = global_options();
    flags.push_back({.name = "version", .help = "print the version"});
    out += "\nFlags of every command:\n" + options_text(flags);
    out +=
        "\nExit codes: 0 done, 1 the work failed, 2 bad usage or input, 3 denied, 4 not found,\n"
        "5 conflict, 6 out of room, 7 unavailable or timed out, 130 interrupted and cleaned up.\n"
        "`kiln COMMAND --help` says more about each, with examples.\n";
    return out;
}

std::string help_of_group(const Grammar& grammar, const Group& group) {
    return fmt::format(
        "{}.\n\nUsage: kiln {} COMMAND [ARGUMENTS] [FLAGS]\n\nCommands:\n{}"
        "\n`kiln {} COMMAND --help` says more about each.\n",
        group.summary,
        group.name,
        verbs_below(grammar, group.name),
        group.name
    );
}

std::string help_of(const Grammar& grammar, const Verb& verb) {
    auto usage = "Usage: kiln " + verb.path;
    for (const auto& argument : verb.arguments) {
        usage += " " + usage_word(argument);
    }
    auto summary = verb.summary;
    summary[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(summary[0])));
    std::string out = wrap(summary, 0) + ".\n\n" + usage + " [FLAGS]\n";
    if (!verb.text.empty()) {
        out += "\n" + paragraphs(verb.text);
    }
    if (!verb.arguments.empty()) {
        Terms terms;
        for (const auto& argument : verb.arguments) {
            terms.add(argument.name, argument.help);
        }
        out += "\nArguments:\n" + terms.text();
    }
    auto flags = verb.options;
    if (verb.json) {
        flags.push_back(json_option());
    }
    flags.insert(flags.end(), global_options().begin(), global_options().end());
    out += "\nFlags:\n" + options_text(flags);
    if (const auto below = verbs_below(grammar, verb.path); !below.empty()) {
        out += "\nCommands below it:\n" + below;
    }
    if (!verb.examples.empty()) {
        out += "\nExamples:\n";
        for (const auto& example : verb.examples) {
            out += "  " + example.command + "\n      " + wrap(example.says, 6) + "\n";
        }
    }
    return out;
}

}  // namespace kiln::cli
