#include "jsonata/stringify.hpp"

#include "base/utf8.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace kiln::jsonata {

namespace {

/// Values within values: what reads a result back usually bears less.
constexpr int kDeepestValue = 500;
constexpr std::size_t kLongestDescription = 2000;
constexpr double kInt64End = 9223372036854775808.0;

void check_depth(int depth) {
    if (depth > kDeepestValue) {
        throw Failure{Cause::stack};
    }
}

void append_quoted(std::string& out, std::string_view text) {
    static constexpr char kHex[] = "0123456789abcdef";
    out += '"';
    for (const char letter : text) {
        switch (letter) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\f':
                out += "\\f";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(letter) < 0x20) {
                    out += "\\u00";
                    out += kHex[static_cast<unsigned char>(letter) >> 4U];
                    out += kHex[static_cast<unsigned char>(letter) & 15U];
                } else {
                    out += letter;
                }
        }
    }
    out += '"';
}

/// Writes one value as text.
class Writer {
  public:
    Writer(Layout layout, const Arena* arena)
        : indented_{layout == Layout::indented}, arena_{arena} {}

    void write(Value value, int depth) {
        check_depth(depth);
        switch (value.kind) {
            case Kind::undefined:
            case Kind::null:
            case Kind::tuple:
                out_ += "null";
                break;
            case Kind::boolean:
                out_ += value.boolean ? "true" : "false";
                break;
            case Kind::number:
                number(value.number);
                break;
            case Kind::string:
                append_quoted(out_, value.text());
                break;
            case Kind::function:
                out_ += "\"\"";
                break;
            case Kind::array:
            case Kind::json_array:
                array(value, depth);
                break;
            case Kind::object:
            case Kind::json_object:
                object(value, depth);
                break;
        }
        if (arena_ != nullptr && out_.size() >= checked_ + kCheckEach) {
            checked_ = out_.size();
            arena_->check_room(out_.size());
        } else if (arena_ == nullptr && out_.size() > kLongestDescription) {
            throw TooLong{};
        }
    }

    struct TooLong {};

    std::string& out() { return out_; }

  private:
    static constexpr std::size_t kCheckEach = std::size_t{64} << 10;

    void number(double number) {
        if (std::isnan(number)) {
            out_ += "null";
        } else if (!std::isfinite(number)) {
            if (arena_ != nullptr) {
                throw Failure{"D1001"}.about("null");
            }
            out_ += "null";
        } else {
            append_number(out_, to_precision_15(number));
        }
    }

    void line(int depth) {
        if (indented_) {
            out_ += '\n';
            out_.append(static_cast<std::size_t>(depth) * 2, ' ');
        }
    }

    void array(Value value, int depth) {
        const auto count = size_of(value);
        out_ += '[';
        for (std::size_t index = 0; index < count; ++index) {
            out_ += index == 0 ? "" : ",";
            line(depth + 1);
            write(item_of(value, index), depth + 1);
        }
        if (count > 0) {
            line(depth);
        }
        out_ += ']';
    }

    void object(Value value, int depth) {
        bool first = true;
        out_ += '{';
        each_member(value, [&](std::string_view key, Value member) {
            if (!member.defined()) {
                return;
            }
            out_ += first ? "" : ",";
            first = false;
            line(depth + 1);
            append_quoted(out_, key);
            out_ += indented_ ? ": " : ":";
            write(member, depth + 1);
        });
        if (!first) {
            line(depth);
        }
        out_ += '}';
    }

    bool indented_;
    const Arena* arena_;
    std::string out_;
    std::size_t checked_ = 0;
};

json::value number_to_json(double number) {
    if (!std::isfinite(number)) {
        throw Failure{"D1001"}.about("null");
    }
    if (number == std::trunc(number) && number >= -kInt64End && number < kInt64End) {
        return static_cast<std::int64_t>(number);
    }
    return number;
}

json::value json_of(Value value, int depth) {
    check_depth(depth);
    switch (value.kind) {
        case Kind::undefined:
        case Kind::null:
        case Kind::tuple:
            return nullptr;
        case Kind::boolean:
            return value.boolean;
        case Kind::number:
            return number_to_json(value.number);
        case Kind::string:
            return json::string{value.text()};
        case Kind::function:
            throw Failure{Cause::result_type};
        case Kind::array:
        case Kind::json_array: {
            json::array out;
            out.reserve(size_of(value));
            for (std::size_t index = 0; index < size_of(value); ++index) {
                out.push_back(json_of(item_of(value, index), depth + 1));
            }
            return out;
        }
        case Kind::object:
        case Kind::json_object: {
            json::object out;
            each_member(value, [&](std::string_view key, Value member) {
                if (member.defined()) {
                    out.emplace(key, json_of(member, depth + 1));
                }
            });
            return out;
        }
    }
    return nullptr;
}

Value copy_of(Arena& arena, Value value, int depth) {
    check_depth(depth);
    if (value.is_array()) {
        auto* const out = arena.make<Array>();
        out->reserve(arena, size_of(value));
        for (std::size_t index = 0; index < size_of(value); ++index) {
            out->push(arena, copy_of(arena, item_of(value, index), depth + 1));
        }
        return Value::of(out);
    }
    if (value.is_object()) {
        auto* const out = arena.make<Object>();
        each_member(value, [&](std::string_view key, Value member) {
            if (member.defined()) {
                out->set(arena, key, copy_of(arena, member, depth + 1));
            }
        });
        return Value::of(out);
    }
    if (value.is(Kind::function)) {
        return Value::of(std::string_view{""});
    }
    if (value.is(Kind::undefined) || (value.is(Kind::number) && std::isnan(value.number))) {
        return Value::null();
    }
    if (value.is(Kind::number)) {
        if (!std::isfinite(value.number)) {
            throw Failure{"D1001"}.about("null");
        }
        return Value::of(to_precision_15(value.number));
    }
    return value;
}

/// For the text of an error.
std::string shortened(std::string text) {
    if (text.size() > kLongestDescription) {
        text.resize(utf8_floor(text, kLongestDescription));
        text += "…";
    }
    return text;
}

bool equal_objects(Value left, Value right, int depth) {
    if (member_count(left) != member_count(right)) {
        return false;
    }
    bool equal = true;
    each_member(left, [&](std::string_view key, Value member) {
        if (equal) {
            const auto other = member_of(right, key);
            equal = other.defined() && deep_equal(member, other, depth + 1);
        }
    });
    return equal;
}

}  // namespace

std::string json_text(std::string_view text) {
    std::string out;
    append_quoted(out, text);
    return shortened(std::move(out));
}

std::string to_text(Value value, Layout layout, const Arena& arena) {
    Writer writer{layout, &arena};
    writer.write(value, 0);
    return std::move(writer.out());
}

std::string describe(Value value) {
    if (!value.defined() || value.is(Kind::function)) {
        return "undefined";
    }
    Writer writer{Layout::compact, nullptr};
    try {
        writer.write(value, 0);
    } catch (const Writer::TooLong&) {
        // Cut below.
    } catch (const Failure&) {
        writer.out() += "…";
    }
    return shortened(std::move(writer.out()));
}

json::value to_json(Value value) {
    return json_of(value, 0);
}

Value deep_copy(Arena& arena, Value value) {
    return copy_of(arena, value, 0);
}

Value from_json(Arena& arena, const json::value& value) {
    auto out = Value::of(value);
    if (out.is(Kind::string)) {
        return Value::of(arena.copy(out.text()));
    }
    if (out.is_array()) {
        auto* const array = arena.make<Array>();
        for (const auto& item : value.get_array()) {
            array->push(arena, from_json(arena, item));
        }
        return Value::of(array);
    }
    if (out.is_object()) {
        auto* const object = arena.make<Object>();
        for (const auto& member : value.get_object()) {
            object->set(arena, arena.copy(member.key()), from_json(arena, member.value()));
        }
        return Value::of(object);
    }
    return out;
}

bool deep_equal(Value left, Value right, int depth) {
    check_depth(depth);
    if (left.is_array() && right.is_array()) {
        const auto count = size_of(left);
        if (count != size_of(right)) {
            return false;
        }
        for (std::size_t index = 0; index < count; ++index) {
            if (!deep_equal(item_of(left, index), item_of(right, index), depth + 1)) {
                return false;
            }
        }
        return true;
    }
    if (left.is_object() && right.is_object()) {
        return equal_objects(left, right, depth);
    }
    if (left.kind != right.kind) {
        return false;
    }
    switch (left.kind) {
        case Kind::boolean:
            return left.boolean == right.boolean;
        case Kind::number:
            return left.number == right.number;
        case Kind::string:
            return left.text() == right.text();
        case Kind::function:
            return left.function == right.function;
        case Kind::tuple:
            return left.tuple == right.tuple;
        case Kind::undefined:
        case Kind::null:
        case Kind::array:
        case Kind::object:
        case Kind::json_array:
        case Kind::json_object:
            break;
    }
    return true;  // undefined, null: the rest is compared above
}

}  // namespace kiln::jsonata
