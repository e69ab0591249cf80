#include "base/json.hpp"

#include "base/suggest.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

namespace kiln {

namespace {

struct Position {
    std::size_t line = 1;
    std::size_t column = 1;
};

Position position_of(std::string_view text, std::size_t offset) {
    const auto before = text.substr(0, offset);
    const auto last_break = before.rfind('\n');
    return {
        static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1,
        last_break == std::string_view::npos ? before.size() + 1 : before.size() - last_break};
}

/// Finds a key that stands twice in one object: boost::json keeps the last and says nothing.
class DuplicateKeys {
  public:
    static std::optional<std::string> first_in(std::string_view text) {
        json::basic_parser<DuplicateKeys> parser{json::parse_options{}};
        json::error_code error;
        parser.write_some(false, text.data(), text.size(), error);
        return parser.handler().duplicate_;
    }

    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    bool on_document_begin(json::error_code&) { return true; }

    bool on_document_end(json::error_code&) { return true; }

    bool on_object_begin(json::error_code&) {
        keys_.emplace_back();
        return true;
    }

    bool on_object_end(std::size_t, json::error_code&) {
        keys_.pop_back();
        return true;
    }

    bool on_array_begin(json::error_code&) { return true; }

    bool on_array_end(std::size_t, json::error_code&) { return true; }

    bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
        key_.append(part.data(), part.size());
        return true;
    }

    bool on_key(json::string_view part, std::size_t, json::error_code& error) {
        key_.append(part.data(), part.size());
        if (!keys_.back().insert(key_).second) {
            duplicate_ = key_;
            error = json::error::syntax;
            return false;
        }
        key_.clear();
        return true;
    }

    bool on_string_part(json::string_view, std::size_t, json::error_code&) { return true; }

    bool on_string(json::string_view, std::size_t, json::error_code&) { return true; }

    bool on_number_part(json::string_view, json::error_code&) { return true; }

    bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }

    bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }

    bool on_double(double, json::string_view, json::error_code&) { return true; }

    bool on_bool(bool, json::error_code&) { return true; }

    bool on_null(json::error_code&) { return true; }

    bool on_comment_part(json::string_view, json::error_code&) { return true; }

    bool on_comment(json::string_view, json::error_code&) { return true; }

  private:
    std::vector<std::unordered_set<std::string>> keys_;
    std::string key_;
    std::optional<std::string> duplicate_;
};

}  // namespace

json::value parse_json(std::string_view text, std::size_t limit_bytes) {
    if (text.size() > limit_bytes) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "JSON of {} bytes is longer than the limit of {}", text.size(), limit_bytes
            )};
    }
    json::stream_parser parser;
    json::error_code error;
    const auto used = parser.write_some(text.data(), text.size(), error);
    if (!error && used == text.size()) {
        parser.finish(error);
    } else if (!error && text.find_first_not_of(" \t\r\n", used) != std::string_view::npos) {
        error = json::error::extra_data;
    }
    if (error) {
        const auto [line, column] = position_of(text, used);
        throw Error{
            ErrorKind::invalid,
            fmt::format("not JSON at line {}, column {}: {}", line, column, error.message())};
    }
    if (const auto twice = DuplicateKeys::first_in(text)) {
        throw Error{
            ErrorKind::invalid, fmt::format("key \"{}\" stands twice in one object", *twice)};
    }
    return parser.release();
}

namespace {

void write_pretty(std::string& out, const json::value& value, std::size_t depth) {
    const auto indent = [&](std::size_t n) { out.append(2 * n, ' '); };
    if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
        out += "{\n";
        std::size_t left = object->size();
        for (const auto& [key, member] : *object) {
            indent(depth + 1);
            out += json::serialize(json::string_view{key}) + ": ";
            write_pretty(out, member, depth + 1);
            out += --left != 0 ? ",\n" : "\n";
        }
        indent(depth);
        out += '}';
    } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
        out += "[\n";
        std::size_t left = array->size();
        for (const auto& member : *array) {
            indent(depth + 1);
            write_pretty(out, member, depth + 1);
            out += --left != 0 ? ",\n" : "\n";
        }
        indent(depth);
        out += ']';
    } else if (const auto* number = value.if_double();
               number != nullptr && std::isfinite(*number)) {
        out += fmt::format("{}", *number);  // 0.2287, where Boost writes 2.287E-1
    } else {
        out += json::serialize(value);
    }
}

}  // namespace

std::string pretty_json(const json::value& value) {
    std::string out;
    write_pretty(out, value, 0);
    out += '\n';
    return out;
}

std::string_view kind_name(const json::value& value) noexcept {
    switch (value.kind()) {
        case json::kind::null:
            return "null";
        case json::kind::bool_:
            return "a boolean";
        case json::kind::int64:
        case json::kind::uint64:
        case json::kind::double_:
            return "a number";
        case json::kind::string:
            return "a string";
        case json::kind::array:
            return "an array";
        case json::kind::object:
            return "an object";
    }
    return "a value";
}

ObjectReader::ObjectReader(
    const json::value& value, std::string where, std::vector<Problem>& problems
)
    : object_{value.if_object()}, where_{std::move(where)}, problems_{problems} {
    if (object_ == nullptr) {
        problems_.push_back(
            {where_.empty() ? "document" : where_,
             fmt::format("must be an object, not {}", kind_name(value))}
        );
    }
}

std::string ObjectReader::path(std::string_view key) const {
    return where_.empty() ? std::string{key} : fmt::format("{}.{}", where_, key);
}

void ObjectReader::complain(std::string_view key, std::string what) {
    problems_.push_back({path(key), std::move(what)});
}

const json::value* ObjectReader::find(std::string_view key, Need need) {
    known_.emplace_back(key);
    if (object_ == nullptr) {
        return nullptr;
    }
    const auto* member = object_->if_contains(key);
    if (member == nullptr || member->is_null()) {
        if (need == Need::required) {
            complain(key, "is required");
        }
        return nullptr;
    }
    return member;
}

const json::value* ObjectReader::value(std::string_view key, Need need) {
    return find(key, need);
}

const json::object* ObjectReader::object(std::string_view key, Need need) {
    const auto* member = find(key, need);
    if (member != nullptr && !member->is_object()) {
        complain(key, fmt::format("must be an object, not {}", kind_name(*member)));
    }
    return member != nullptr ? member->if_object() : nullptr;
}

const json::array* ObjectReader::array(std::string_view key, Need need) {
    const auto* member = find(key, need);
    if (member != nullptr && !member->is_array()) {
        complain(key, fmt::format("must be an array, not {}", kind_name(*member)));
    }
    return member != nullptr ? member->if_array() : nullptr;
}

std::optional<std::string> ObjectReader::string(std::string_view key, Need need) {
    const auto* member = find(key, need);
    if (member == nullptr) {
        return std::nullopt;
    }
    if (!member->is_string()) {
        complain(key, fmt::format("must be a string, not {}", kind_name(*member)));
        return std::nullopt;
    }
    return std::string{member->get_string()};
}

std::optional<bool> ObjectReader::boolean(std::string_view key, Need need) {
    const auto* member = find(key, need);
    if (member == nullptr) {
        return std::nullopt;
    }
    if (!member->is_bool()) {
        complain(key, fmt::format("must be true or false, not {}", kind_name(*member)));
        return std::nullopt;
    }
    return member->get_bool();
}

std::optional<std::int64_t> ObjectReader::integer(
    std::string_view key, std::int64_t low, std::int64_t high, Need need
) {
    const auto* member = find(key, need);
    if (member == nullptr) {
        return std::nullopt;
    }
    json::error_code error;
    const auto number = member->is_number() ? member->to_number<std::int64_t>(error) : 0;
    if (!member->is_number()) {
        complain(key, fmt::format("must be a whole number, not {}", kind_name(*member)));
        return std::nullopt;
    }
    if (error || number < low || number > high) {
        complain(
            key,
            fmt::format(
                "must be a whole number from {} to {}, not {}", low, high, json::serialize(*member)
            )
        );
        return std::nullopt;
    }
    return number;
}

std::optional<std::vector<std::string>> ObjectReader::strings(std::string_view key, Need need) {
    const auto* list = array(key, need);
    if (list == nullptr) {
        return std::nullopt;
    }
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const auto& item = (*list)[i];
        if (!item.is_string()) {
            complain(
                fmt::format("{}[{}]", key, i),
                fmt::format("must be a string, not {}", kind_name(item))
            );
            continue;
        }
        texts.emplace_back(item.get_string());
    }
    return texts;
}

std::optional<std::vector<std::pair<std::string, std::string>>> ObjectReader::string_map(
    std::string_view key, Need need
) {
    const auto* members = object(key, need);
    if (members == nullptr) {
        return std::nullopt;
    }
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& [name, text] : *members) {
        if (!text.is_string()) {
            complain(
                fmt::format("{}.{}", key, std::string_view{name}),
                fmt::format("must be a string, not {}", kind_name(text))
            );
            continue;
        }
        pairs.emplace_back(name, text.get_string());
    }
    return pairs;
}

namespace {
/// More of them are counted only: a hostile document has a million.
constexpr std::size_t kUnknownKeysNamed = 20;
}  // namespace

void ObjectReader::finish() {
    if (object_ == nullptr) {
        return;
    }
    std::size_t unknown = 0;
    for (const auto& [key, ignored] : *object_) {
        const std::string name{key};
        if (std::find(known_.begin(), known_.end(), name) != known_.end()) {
            continue;
        }
        if (++unknown <= kUnknownKeysNamed) {
            complain(name, "unknown key" + did_you_mean(name, known_));
        }
    }
    if (unknown > kUnknownKeysNamed) {
        problems_.push_back(
            {where_.empty() ? "document" : where_,
             fmt::format("{} more unknown keys", unknown - kUnknownKeysNamed)}
        );
    }
}

}  // namespace kiln
