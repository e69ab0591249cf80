#define TOML_HEADER_ONLY 1  // one more shared library would cost every start of the program
#undef TOML_SHARED_LIB

#include "release/document.hpp"

#include "base/error.hpp"
#include "release/json_spots.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>

namespace kiln::release {

namespace {

Spot spot_of(const toml::source_region& region) {
    return {region.begin.line, region.begin.column};
}

/// Turns TOML into JSON, noting where things stand.
class Converter {
  public:
    explicit Converter(Document& document) : document_{document} {}

    json::value convert(const toml::node& node, const std::string& path) {
        if (const auto* table = node.as_table()) {
            return convert(*table, path);
        }
        if (const auto* array = node.as_array()) {
            json::array out;
            for (const auto& element : *array) {
                const auto at = fmt::format("{}[{}]", path, out.size());
                document_.spots.emplace(at, spot_of(element.source()));
                out.push_back(convert(element, at));
            }
            return out;
        }
        if (const auto* text = node.as_string()) {
            return json::value(text->get());
        }
        if (const auto* number = node.as_integer()) {
            return number->get();
        }
        if (const auto* number = node.as_floating_point()) {
            return number->get();
        }
        if (const auto* truth = node.as_boolean()) {
            return truth->get();
        }
        std::ostringstream text;
        node.visit([&](const auto& value) { text << value; });
        return json::value(text.str());
    }

    json::object convert(const toml::table& table, const std::string& path) {
        // toml++ sorts keys; the order of the text matters to variables.
        std::vector<std::pair<Spot, std::string>> order;
        for (const auto& [key, node] : table) {
            order.emplace_back(spot_of(key.source()), std::string{key.str()});
        }
        std::ranges::stable_sort(order, [](const auto& a, const auto& b) {
            return std::pair{a.first.line, a.first.column} <
                   std::pair{b.first.line, b.first.column};
        });
        json::object out;
        for (const auto& [spot, key] : order) {
            const auto at = path.empty() ? key : path + "." + key;
            document_.spots.emplace(at, spot);
            out[key] = convert(*table.get(key), at);
        }
        return out;
    }

  private:
    Document& document_;
};

json::value read_toml(Document& document, std::string_view text) {
    try {
        const auto table = toml::parse(text, document.file);
        return Converter{document}.convert(table, "");
    } catch (const toml::parse_error& error) {
        const auto at = error.source().begin;
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "{}:{}:{}: not TOML: {}", document.file, at.line, at.column, error.description()
            )};
    }
}

/// The path of what a path's value is in: "steps[2].worker" -> "steps[2]" -> "steps".
std::string_view outer(std::string_view path) {
    const auto end = path.find_last_of(".[");
    return end == std::string_view::npos ? std::string_view{} : path.substr(0, end);
}

}  // namespace

std::string Document::place(std::string_view path) const {
    for (; !path.empty(); path = outer(path)) {
        if (const auto found = spots.find(path); found != spots.end()) {
            return fmt::format("{}:{}:{}", file, found->second.line, found->second.column);
        }
    }
    return file + ":1:1";
}

std::vector<Problem> Document::placed(std::vector<Problem> problems) const {
    for (auto& problem : problems) {
        const auto at = place(problem.where);
        problem.where = problem.where.empty() ? at : at + " " + problem.where;
    }
    return problems;
}

Document read_document(std::string file, std::string_view text) {
    Document document{.file = std::move(file)};
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || text[first] != '{') {
        document.value = read_toml(document, text);
        return document;
    }
    try {
        document.value = parse_json(text);
    } catch (const Error& error) {
        throw error.while_(document.file);
    }
    document.spots = json_spots(text);
    return document;
}

}  // namespace kiln::release
