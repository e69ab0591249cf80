#include "template/template.hpp"

#include "base/error.hpp"
#include "base/suggest.hpp"

#include <set>

#include <fmt/format.h>

namespace kiln::templates {

namespace {

Problem missing(const Slot& slot, const Values& values) {
    std::vector<std::string> known;
    for (const auto& [name, value] : values) {
        known.push_back(name);
    }
    return {
        to_string(slot.place),
        fmt::format("there is no value '{}'{}", slot.name, did_you_mean(slot.name, known))};
}

}  // namespace

std::string to_string(const Place& place) {
    return fmt::format("line {}, column {}", place.line, place.column);
}

std::string Template::render(const Values& values) const {
    std::string out;
    std::vector<Problem> problems;
    for (const auto& piece : pieces_) {
        if (const auto* text = std::get_if<std::string>(&piece)) {
            out += *text;
            continue;
        }
        const auto& slot = std::get<Slot>(piece);
        if (const auto found = values.find(slot.name); found != values.end()) {
            out += found->second;
        } else {
            problems.push_back(missing(slot, values));
        }
    }
    if (!problems.empty()) {
        throw Error{"the template asks for values that are missing", std::move(problems)};
    }
    return out;
}

std::vector<std::string> Template::names() const {
    std::set<std::string> names;
    for (const auto& piece : pieces_) {
        if (const auto* slot = std::get_if<Slot>(&piece)) {
            names.insert(slot->name);
        }
    }
    return {names.begin(), names.end()};
}

}  // namespace kiln::templates
