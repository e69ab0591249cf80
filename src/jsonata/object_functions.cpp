#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"

#include <array>

namespace kiln::jsonata {

namespace {

constexpr int kDeepestArrays = 500;

void check_depth(int depth) {
    if (depth > kDeepestArrays) {
        throw Failure{Cause::stack};
    }
}

void collect_keys(Evaluator& evaluator, Value value, Object& out, int depth) {
    check_depth(depth);
    evaluator.tick();
    if (value.is_array()) {
        for (std::size_t index = 0; index < size_of(value); ++index) {
            collect_keys(evaluator, item_of(value, index), out, depth + 1);
        }
    } else if (value.is_object()) {
        each_member(value, [&](std::string_view key, Value) {
            out.set(evaluator.arena(), key, Value::of(true));
        });
    }
}

Value keys(Evaluator& evaluator, const Arguments& arguments) {
    auto& arena = evaluator.arena();
    auto* const merged = arena.make<Object>();
    collect_keys(evaluator, arguments[0], *merged, 0);
    auto* const out = evaluator.make_sequence();
    for (const auto& entry : merged->entries()) {
        out->push(arena, Value::of(entry.key));
    }
    return Value::of(out);
}

Value lookup(Evaluator& evaluator, const Arguments& arguments) {
    return arguments[1].is(Kind::string) ? field_of(evaluator, arguments[0], arguments[1].text())
                                         : Value{};
}

void spread_into(Evaluator& evaluator, Value value, Array& out, int depth) {
    check_depth(depth);
    auto& arena = evaluator.arena();
    if (value.is_array()) {
        for (std::size_t index = 0; index < size_of(value); ++index) {
            spread_into(evaluator, item_of(value, index), out, depth + 1);
        }
    } else if (value.is_object()) {
        each_member(value, [&](std::string_view key, Value member) {
            auto* const single = arena.make<Object>();
            single->set(arena, key, member);
            out.push(arena, Value::of(single));
        });
    } else if (value.defined()) {
        out.push(arena, value);
    }
}

Value spread(Evaluator& evaluator, const Arguments& arguments) {
    const auto value = arguments[0];
    if (!value.is_array() && !value.is_object()) {
        return value;
    }
    auto* const out = evaluator.make_sequence();
    spread_into(evaluator, value, *out, 0);
    // Joined from several, it is an array of its own.
    out->sequence = value.is_object() || size_of(value) == 0;
    return Value::of(out);
}

Value merge(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined()) {
        return {};
    }
    auto* const out = evaluator.arena().make<Object>();
    for (std::size_t index = 0; index < size_of(arguments[0]); ++index) {
        const auto item = item_of(arguments[0], index);
        if (item.is_object()) {
            each_member(item, [&](std::string_view key, Value member) {
                evaluator.tick();
                out->set(evaluator.arena(), key, member);
            });
        }
    }
    return Value::of(out);
}

[[noreturn]] void raise(std::string_view code, Value message, std::string_view otherwise) {
    Failure failure{code};
    const bool given = message.is(Kind::string) && message.length > 0;
    failure.text = given ? message.text() : otherwise;
    throw failure;
}

Value error(Evaluator&, const Arguments& arguments) {
    raise("D3137", arguments[0], "$error() function evaluated");
}

Value assertion(Evaluator&, const Arguments& arguments) {
    if (!truth(arguments[0])) {
        raise("D3141", arguments[1], "$assert() statement failed");
    }
    return {};
}

Value type(Evaluator&, const Arguments& arguments) {
    const auto name = [&]() -> std::string_view {
        switch (arguments[0].kind) {
            case Kind::null:
                return "null";
            case Kind::number:
                return is_numeric(arguments[0]) ? "number" : "object";
            case Kind::string:
                return "string";
            case Kind::boolean:
                return "boolean";
            case Kind::array:
            case Kind::json_array:
                return "array";
            case Kind::function:
                return "function";
            case Kind::object:
            case Kind::json_object:
            case Kind::tuple:
                return "object";
            case Kind::undefined:
                break;
        }
        return {};
    };
    return arguments[0].defined() ? Value::of(name()) : Value{};
}

Value clone(Evaluator& evaluator, const Arguments& arguments) {
    return arguments[0].defined() ? deep_copy(evaluator.arena(), arguments[0]) : Value{};
}

constexpr std::array kFunctions{
    Builtin{"keys", "<x-:a<s>>", 1, keys},
    Builtin{"lookup", "<x-s:x>", 2, lookup},
    Builtin{"spread", "<x-:a<o>>", 1, spread},
    Builtin{"merge", "<a<o>:o>", 1, merge},
    Builtin{"error", "<s?:x>", 1, error},
    Builtin{"assert", "<bs?:x>", 2, assertion},
    Builtin{"type", "<x:s>", 1, type},
    Builtin{"clone", "<(oa)-:o>", 1, clone},
};

}  // namespace

std::span<const Builtin> object_functions() {
    return kFunctions;
}

}  // namespace kiln::jsonata
