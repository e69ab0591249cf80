#include "cli/help.hpp"

#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kiln::cli {

namespace {

std::string flags_of(const Verb& verb) {
    std::set<std::string> flags;
    for (const auto* options : {&verb.options, &global_options()}) {
        for (const auto& option : *options) {
            flags.insert("--" + option.name);
        }
    }
    if (verb.json) {
        flags.insert("--json");
    }
    return fmt::format("{}", fmt::join(flags, " "));
}

}  // namespace

std::string bash_completion(const Grammar& grammar) {
    std::set<std::string> first;
    std::map<std::string, std::set<std::string>> second;
    std::string cases;
    for (const auto& verb : grammar.verbs) {
        if (verb.hidden) {
            continue;
        }
        const auto space = verb.path.find(' ');
        first.insert(verb.path.substr(0, space));
        if (space != std::string::npos) {
            second[verb.path.substr(0, space)].insert(verb.path.substr(space + 1));
        }
        cases += fmt::format("        \"{}\") flags=\"{}\" ;;\n", verb.path, flags_of(verb));
    }
    std::string below;
    for (const auto& [group, words] : second) {
        below += fmt::format("        {}) words=\"{}\" ;;\n", group, fmt::join(words, " "));
    }
    return fmt::format(
        "# bash completion for kiln: source <(kiln completion bash)\n"
        "_kiln() {{\n"
        "    local cur=${{COMP_WORDS[COMP_CWORD]}} words=\"\" flags=\"\"\n"
        "    if [[ $COMP_CWORD -eq 1 ]]; then\n"
        "        COMPREPLY=($(compgen -W \"{} --help --version\" -- \"$cur\"))\n"
        "        return\n"
        "    fi\n"
        "    case ${{COMP_WORDS[1]}} in\n{}"
        "    esac\n"
        "    if [[ $COMP_CWORD -eq 2 && $cur != -* && -n $words ]]; then\n"
        "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\") $(compgen -f -- \"$cur\"))\n"
        "        return\n"
        "    fi\n"
        "    for path in \"${{COMP_WORDS[1]}} ${{COMP_WORDS[2]}}\" \"${{COMP_WORDS[1]}}\"; do\n"
        "        case $path in\n{}"
        "        esac\n"
        "        [[ -n $flags ]] && break\n"
        "    done\n"
        "    if [[ $cur == -* ]]; then\n"
        "        COMPREPLY=($(compgen -W \"$flags\" -- \"$cur\"))\n"
        "    else\n"
        "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
        "    fi\n"
        "}}\n"
        "complete -o filenames -F _kiln kiln\n",
        fmt::join(first, " "),
        below,
        cases
    );
}

}  // namespace kiln::cli
