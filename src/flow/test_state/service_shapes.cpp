#include "flow/test_state/service_shapes.hpp"

#include <algorithm>
#include <charconv>

#include <boost/algorithm/string/predicate.hpp>

namespace kiln::flow {
namespace {

/// Takes what stands before the separator off `rest`.
std::string_view take(std::string_view& rest, char separator) {
    const auto end = rest.find(separator);
    const auto head = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return head;
}

std::optional<std::size_t> number_of(std::string_view digits) {
    std::size_t number = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, number);
    return error == std::errc{} && stopped == end ? std::optional{number} : std::nullopt;
}

/// What stands at a type's number: "r12" -> table[12].
std::string_view row_of(const std::vector<std::string_view>& table, std::string_view type) {
    const auto number = number_of(type.substr(std::min<std::size_t>(1, type.size())));
    return number && *number < table.size() ? table[*number] : std::string_view{};
}

void put(std::vector<std::string_view>& table, std::string_view number, std::string_view row) {
    if (const auto at = number_of(number); at && *at == table.size()) {
        table.push_back(row);
    }
}

ShapeMember member_of(std::string_view text) {
    ShapeMember member;
    auto names = take(text, '=');
    member.type = text;
    if (names.starts_with('*')) {
        member.required = true;
        names.remove_prefix(1);
    }
    member.name = take(names, '/');
    member.java_name = names.empty() ? member.name : names;
    return member;
}

}  // namespace

std::optional<ServiceShapes> ServiceShapes::find(std::string_view service) {
    const auto& texts = service_texts();
    const auto found = std::ranges::find(texts, service, &ServiceText::service);
    return found != texts.end() ? std::optional{ServiceShapes{found->text}} : std::nullopt;
}

ServiceShapes::ServiceShapes(std::string_view text) {
    while (!text.empty()) {
        auto line = take(text, '\n');
        if (line.empty() || line.front() == '#') {
            continue;
        }
        auto head = take(line, '\t');
        if (head.starts_with('!')) {
            actions_.push_back({head.substr(1), line == "-" ? std::string_view{} : line});
        } else if (head.starts_with('~')) {
            put(enumerations_, head.substr(1), line);
        } else {
            put(structures_, head, line);
        }
    }
}

std::optional<std::string_view> ServiceShapes::output_of(std::string_view action) const {
    const auto found = std::ranges::find_if(actions_, [&](const Action& known) {
        return boost::algorithm::iequals(known.name, action);
    });
    return found != actions_.end() ? std::optional{found->output} : std::nullopt;
}

std::vector<ShapeMember> ServiceShapes::members_of(std::string_view type) const {
    std::vector<ShapeMember> members;
    for (auto row = row_of(structures_, type); !row.empty();) {
        members.push_back(member_of(take(row, '\t')));
    }
    return members;
}

std::vector<std::string_view> ServiceShapes::values_of(std::string_view type) const {
    std::vector<std::string_view> values;
    for (auto row = row_of(enumerations_, type); !row.empty();) {
        values.push_back(take(row, '|'));
    }
    return values;
}

}  // namespace kiln::flow
