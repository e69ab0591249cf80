#define TOML_HEADER_ONLY 1  // one more shared library would cost every start of the program
#undef TOML_SHARED_LIB

#include "base/error.hpp"
#include "base/settings.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

namespace kiln {

namespace {

std::string place_of(const SettingSources::File& file, const toml::source_region& region) {
    return fmt::format("{}:{}", file.path.string(), region.begin.line);
}

void flatten(
    const SettingSources::File& file,
    const toml::table& table,
    const std::string& prefix,
    std::vector<FileValue>& values
) {
    for (const auto& [key, node] : table) {
        const auto name = prefix + std::string{key.str()};
        if (const auto* below = node.as_table()) {
            flatten(file, *below, name + ".", values);
            continue;
        }
        FileValue value{name, "", place_of(file, key.source()), std::nullopt};
        if (const auto* text = node.as_string()) {
            value.text = text->get();
        } else if (const auto* number = node.as_integer()) {
            value.text = std::to_string(number->get());
        } else if (const auto* flag = node.as_boolean()) {
            value.text = flag->get() ? "true" : "false";
        } else {
            value.problem = "must be a string or a whole number";
        }
        values.push_back(std::move(value));
    }
}

}  // namespace

std::vector<FileValue> read_settings_file(const SettingSources::File& file) {
    std::vector<FileValue> values;
    try {
        flatten(file, toml::parse(file.text, file.path.string()), "", values);
    } catch (const toml::parse_error& error) {
        const auto at = error.source().begin;
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "{}:{}:{}: not TOML: {}",
                file.path.string(),
                at.line,
                at.column,
                error.description()
            )};
    }
    return values;
}

}  // namespace kiln
