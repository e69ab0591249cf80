#include "cli/verb.hpp"

#include "base/error.hpp"

namespace kiln::cli {

void Arguments::add(const std::string& name, std::string value) {
    KILN_CHECK(known_.contains(name));
    values_[name].push_back(std::move(value));
}

const std::vector<std::string>& Arguments::all(std::string_view name) const {
    static const std::vector<std::string> none;
    KILN_CHECK(known_.contains(std::string{name}));
    const auto found = values_.find(name);
    return found != values_.end() ? found->second : none;
}

bool Arguments::has(std::string_view name) const {
    return !all(name).empty();
}

std::optional<std::string> Arguments::one(std::string_view name) const {
    const auto& values = all(name);
    return values.empty() ? std::nullopt : std::optional{values.back()};
}

std::string Arguments::one_or(std::string_view name, std::string_view fallback) const {
    return one(name).value_or(std::string{fallback});
}

const std::vector<Option>& global_options() {
    static const std::vector<Option> options{
        {.name = "help", .help = "show this help", .letter = 'h'},
        {.name = "quiet", .help = "no progress; only the answer and errors", .letter = 'q'},
        {.name = "home", .value = "DIR", .help = "the folder with everything that kiln keeps"},
        {.name = "config", .value = "FILE", .help = "read settings from this TOML file"},
        {.name = "set",
         .value = "NAME=VALUE",
         .help = "set a setting, over file and environment",
         .repeatable = true},
    };
    return options;
}

const Option& json_option() {
    static const Option option{
        .name = "json", .help = "print exactly one JSON document on stdout, an error as well"};
    return option;
}

}  // namespace kiln::cli
