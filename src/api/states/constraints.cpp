#include "api/states/constraints.hpp"

#include "base/suggest.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace kiln::api::states {

namespace {

constexpr double kLargestInteger = 9.2e18;

Failure serialization(std::string message) {
    return {"SerializationException", std::move(message)};
}

/// As AWS' parser names what it found.
std::string_view token_of(const json::value& value) noexcept {
    switch (value.kind()) {
        case json::kind::string:
            return "STRING_VALUE";
        case json::kind::bool_:
            return value.get_bool() ? "TRUE_VALUE" : "FALSE_VALUE";
        case json::kind::int64:
        case json::kind::uint64:
        case json::kind::double_:
            return "NUMBER_VALUE";
        case json::kind::null:
            return "NULL_VALUE";
        case json::kind::array:
        case json::kind::object:
            break;
    }
    return "";
}

std::string_view type_of(Kind kind) noexcept {
    switch (kind) {
        case Kind::text:
            return "String";
        case Kind::integer:
            return "Long";
        case Kind::decimal:
            return "Float";
        case Kind::boolean:
            return "Boolean";
        case Kind::list:
        case Kind::structure:
            break;
    }
    return "";
}

bool has_kind(const json::value& value, Kind kind) noexcept {
    switch (kind) {
        case Kind::text:
            return value.is_string();
        case Kind::integer:
            return value.is_int64() ||
                   (value.is_double() && value.get_double() == std::floor(value.get_double()) &&
                    std::abs(value.get_double()) < kLargestInteger);
        case Kind::decimal:
            return value.is_number();
        case Kind::boolean:
            return value.is_bool();
        case Kind::list:
            return value.is_array();
        case Kind::structure:
            return value.is_object();
    }
    return false;
}

std::string wrong_type(const json::value& value, const Shape& shape, std::string_view path) {
    const auto where = path.empty() ? std::string{} : fmt::format(" at '{}'", path);
    if (value.is_object() || value.is_array()) {
        return fmt::format(
            "Start of {} found where not expected{}",
            value.is_array() ? "list" : "structure or map",
            where
        );
    }
    if (shape.kind == Kind::list || shape.kind == Kind::structure) {
        return fmt::format(
            "{} found where the start of a {} was expected{}",
            token_of(value),
            shape.kind == Kind::list ? "list" : "structure",
            where
        );
    }
    return fmt::format(
        "{} cannot be converted to {}{}", token_of(value), type_of(shape.kind), where
    );
}

std::string joined(std::string_view path, std::string_view name) {
    return path.empty() ? std::string{name} : fmt::format("{}.{}", path, name);
}

std::optional<Failure> refuse_unknown(
    const Shape& shape, const json::object& object, std::string_view path
) {
    for (const auto& member : object) {
        const auto known =
            std::any_of(shape.members.begin(), shape.members.end(), [&](const Member& each) {
                return each.name == member.key();
            });
        if (!known) {
            std::vector<std::string> names;
            for (const auto& each : shape.members) {
                names.emplace_back(each.name);
            }
            return serialization(fmt::format(
                "unknown member '{}'{}",
                joined(path, member.key()),
                did_you_mean(member.key(), names)
            ));
        }
    }
    return std::nullopt;
}

std::optional<Failure> refuse_types(
    const Shape& shape, const json::value& value, std::string_view path
) {
    if (!has_kind(value, shape.kind)) {
        return serialization(wrong_type(value, shape, path));
    }
    if (shape.kind == Kind::list) {
        int number = 0;
        for (const auto& item : value.get_array()) {
            if (auto failure = refuse_types(
                    *shape.item, item, joined(path, fmt::format("{}.member", ++number))
                )) {
                return failure;
            }
        }
    }
    if (shape.kind == Kind::structure) {
        const auto& object = value.get_object();
        if (auto failure = refuse_unknown(shape, object, path)) {
            return failure;
        }
        for (const auto& member : shape.members) {
            const auto* const given = object.if_contains(member.name);
            if (given == nullptr || given->is_null()) {
                continue;
            }
            if (auto failure = refuse_types(*member.shape, *given, joined(path, member.name))) {
                return failure;
            }
        }
    }
    return std::nullopt;
}

/// As AWS shows values in its messages: Java's toString.
std::string shown(const Shape& shape, const json::value& value) {
    switch (shape.kind) {
        case Kind::text:
            return std::string{value.get_string()};
        case Kind::list: {
            std::vector<std::string> items;
            for (const auto& item : value.get_array()) {
                items.push_back(shown(*shape.item, item));
            }
            return fmt::format("[{}]", fmt::join(items, ", "));
        }
        case Kind::structure: {
            std::vector<std::string> members;
            for (const auto& member : shape.members) {
                const auto* const given = value.get_object().if_contains(member.name);
                members.push_back(fmt::format(
                    "{}={}",
                    member.name,
                    given == nullptr || given->is_null() ? "null" : shown(*member.shape, *given)
                ));
            }
            return fmt::format("{}({})", shape.name, fmt::join(members, ", "));
        }
        case Kind::integer:
        case Kind::decimal:
        case Kind::boolean:
            break;
    }
    return json::serialize(value);
}

/// Everything that is wrong, in the order of the model.
class Judge {
  public:
    void structure(const Shape& shape, const json::object& object, std::string_view path) {
        for (const auto& member : shape.members) {
            const auto* const given = object.if_contains(member.name);
            const auto where = joined(path, member.name);
            if (given != nullptr && !given->is_null()) {
                value(*member.shape, *given, where);
            } else if (member.required) {
                found_.push_back(fmt::format(
                    "Value null at '{}' failed to satisfy constraint: Member must not be null",
                    where
                ));
            }
        }
    }

    [[nodiscard]] std::optional<Failure> verdict() const {
        if (found_.empty()) {
            return std::nullopt;
        }
        return invalid(fmt::format(
            "{} validation error{} detected: {}",
            found_.size(),
            found_.size() == 1 ? "" : "s",
            fmt::join(found_, "; ")
        ));
    }

  private:
    void value(const Shape& shape, const json::value& given, const std::string& path) {
        switch (shape.kind) {
            case Kind::text:
                return text(shape, given, path);
            case Kind::integer:
            case Kind::decimal:
                return bounds(shape, given, path, "value", given.to_number<double>());
            case Kind::list: {
                const auto& items = given.get_array();
                bounds(shape, given, path, "length", static_cast<double>(items.size()));
                int number = 0;
                for (const auto& item : items) {
                    value(*shape.item, item, fmt::format("{}.{}.member", path, ++number));
                }
                return;
            }
            case Kind::structure:
                return structure(shape, given.get_object(), path);
            case Kind::boolean:
                return;
        }
    }

    void text(const Shape& shape, const json::value& given, const std::string& path) {
        const std::string_view written = given.get_string();
        const auto length = static_cast<double>(utf16_length(written));
        bounds(shape, given, path, "length", length);
        if (shape.pattern != nullptr && !shape.pattern->matches(written)) {
            complain(
                shape,
                given,
                path,
                fmt::format(
                    "Member must satisfy regular expression pattern: {}", shape.pattern->text
                )
            );
        }
        if (!shape.words.empty() &&
            std::find(shape.words.begin(), shape.words.end(), written) == shape.words.end()) {
            complain(
                shape,
                given,
                path,
                fmt::format(
                    "Member must satisfy enum value set: [{}]", fmt::join(shape.words, ", ")
                )
            );
        }
    }

    void bounds(
        const Shape& shape,
        const json::value& given,
        const std::string& path,
        std::string_view what,
        double size
    ) {
        if (shape.least != kNoLeast && size < static_cast<double>(shape.least)) {
            complain(
                shape,
                given,
                path,
                fmt::format("Member must have {} greater than or equal to {}", what, shape.least)
            );
        }
        if (shape.most != kNoMost && size > static_cast<double>(shape.most)) {
            complain(
                shape,
                given,
                path,
                fmt::format("Member must have {} less than or equal to {}", what, shape.most)
            );
        }
    }

    void complain(
        const Shape& shape,
        const json::value& given,
        const std::string& path,
        std::string_view constraint
    ) {
        found_.push_back(fmt::format(
            "Value {}at '{}' failed to satisfy constraint: {}",
            shape.secret ? std::string{} : fmt::format("'{}' ", shown(shape, given)),
            path,
            constraint
        ));
    }

    std::vector<std::string> found_;
};

}  // namespace

std::optional<Failure> refuse_input(const Shape& shape, const json::object& input) {
    if (auto failure = refuse_types(shape, input, "")) {
        return failure;
    }
    Judge judge;
    judge.structure(shape, input, "");
    return judge.verdict();
}

std::size_t utf16_length(std::string_view text) noexcept {
    std::size_t length = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        // A byte that begins a character; those of four bytes are two units.
        length += (byte & 0xc0U) == 0x80U ? 0U : byte >= 0xf0U ? 2U : 1U;
    }
    return length;
}

}  // namespace kiln::api::states
