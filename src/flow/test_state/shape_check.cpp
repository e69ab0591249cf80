#include "flow/test_state/shape_check.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include <fmt/format.h>

namespace kiln::flow {
namespace {

using Complaint = std::optional<std::string>;

/// A type's "MIN,MAX"; either may be missing.
struct Bounds {
    std::optional<double> low, high;
};

std::optional<double> bound_of(std::string_view text) {
    double bound = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, bound);
    return error == std::errc{} && stopped == end ? std::optional{bound} : std::nullopt;
}

Bounds bounds_of(std::string_view text) {
    const auto comma = text.find(',');
    if (comma == std::string_view::npos) {
        return {};
    }
    return {bound_of(text.substr(0, comma)), bound_of(text.substr(comma + 1))};
}

/// Characters, not bytes.
double length_of(std::string_view text) {
    return static_cast<double>(std::ranges::count_if(text, [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
    }));
}

std::string field(std::string_view name, std::string_view what) {
    return fmt::format("Field '{}' {}", name, what);
}

class Check {
  public:
    explicit Check(const ShapeRule& rule) : rule_{rule} {}

    Complaint structure(const json::object& object, std::string_view type, bool outermost) const {
        const auto members = rule_.shapes.members_of(type);
        if (rule_.mode == FieldValidation::strict) {
            for (const auto& member : members) {
                if (member.required && !object.contains(name_of(member))) {
                    return fmt::format("Required field '{}' is missing", name_of(member));
                }
            }
        }
        for (const auto& given : object) {
            const auto known = std::ranges::find_if(members, [&](const ShapeMember& member) {
                return name_of(member) == given.key();
            });
            if (known == members.end() || (outermost && is_free(given.key()))) {
                continue;
            }
            if (auto why = value(given.value(), known->type, given.key())) {
                return why;
            }
        }
        return std::nullopt;
    }

  private:
    std::string_view name_of(const ShapeMember& member) const {
        return rule_.spelling == Spelling::java ? member.java_name : member.name;
    }

    bool is_free(std::string_view name) const {
        return std::ranges::find(rule_.free_members, name) != rule_.free_members.end();
    }

    Complaint value(const json::value& given, std::string_view type, std::string_view name) const {
        const auto inner = type.substr(1);
        switch (type.front()) {
            case 'r':
                return given.is_object() ? structure(given.get_object(), type, false)
                                         : field(name, "must be an object");
            case 'l':
                return list(given, inner, name);
            case 'm':
                return map(given, inner, name);
            case 'e':
                return enumeration(given, type, name);
            case 's':
            case 't':
            case 'x':
                return text(given, inner, name);
            case 'i':
            case 'f':
                return number(given, inner, name);
            case 'b':
                return given.is_bool() ? Complaint{} : field(name, "must be a boolean");
            default:  // 'a', a document
                return std::nullopt;
        }
    }

    Complaint list(const json::value& given, std::string_view type, std::string_view name) const {
        const auto* const items = given.if_array();
        if (items == nullptr) {
            return field(name, "must be an array");
        }
        for (const auto& item : *items) {
            if (auto why = value(item, type, name)) {
                return why;
            }
        }
        return std::nullopt;
    }

    Complaint map(const json::value& given, std::string_view type, std::string_view name) const {
        const auto* const members = given.if_object();
        if (members == nullptr) {
            return field(name, "must be an object");
        }
        for (const auto& member : *members) {
            if (auto why = value(member.value(), type, name)) {
                return why;
            }
        }
        return std::nullopt;
    }

    Complaint enumeration(const json::value& given, std::string_view type, std::string_view name)
        const {
        const auto* const text = given.if_string();
        if (text == nullptr) {
            return field(name, "must be a string");
        }
        const auto values = rule_.shapes.values_of(type);
        return std::ranges::find(values, std::string_view{*text}) != values.end()
                   ? Complaint{}
                   : field(name, "is not an expected value");
    }

    static Complaint text(const json::value& given, std::string_view range, std::string_view name) {
        const auto* const text = given.if_string();
        if (text == nullptr) {
            return field(name, "must be a string");
        }
        const auto bounds = bounds_of(range);
        const auto length = length_of(*text);
        if (bounds.low && length < *bounds.low) {
            return field(name, "is smaller than the minimum length");
        }
        return bounds.high && length > *bounds.high ? field(name, "exceeds the maximum length")
                                                    : Complaint{};
    }

    static Complaint number(
        const json::value& given, std::string_view range, std::string_view name
    ) {
        if (!given.is_number()) {
            return field(name, "must be a number");
        }
        const auto bounds = bounds_of(range);
        const auto number = given.to_number<double>();
        if (bounds.low && number < *bounds.low) {
            return field(name, "is less than the minimum value");
        }
        return bounds.high && number > *bounds.high ? field(name, "exceeds the maximum value")
                                                    : Complaint{};
    }

    const ShapeRule& rule_;
};

}  // namespace

std::optional<std::string> explain_mismatch(
    const json::value& value, std::string_view type, const ShapeRule& rule
) {
    const auto* const object = value.if_object();
    if (object == nullptr) {
        return "Mocked result must be a JSON object";
    }
    return Check{rule}.structure(*object, type, true);
}

}  // namespace kiln::flow
