#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace kiln::jsonata {

namespace {

bool is_array_of(Value array, Kind kind) {
    for (std::size_t index = 0; index < size_of(array); ++index) {
        if (!item_of(array, index).is(kind)) {
            return false;
        }
    }
    return true;
}

Value append(Evaluator& evaluator, const Arguments& arguments) {
    const auto first = arguments[0];
    const auto second = arguments[1];
    if (!first.defined() || !second.defined()) {
        return first.defined() ? first : second;
    }
    auto* const out = evaluator.arena().make<Array>();
    for (const auto& part : {first, second}) {
        if (!part.is_array()) {
            out->push(evaluator.arena(), part);
        } else if (out->size() == 0) {
            out->share(part);
        } else {
            append_items(evaluator, part, *out);
        }
    }
    return Value::of(out);
}

Value reverse(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined() || size_of(arguments[0]) <= 1) {
        return arguments[0];
    }
    auto* const out = evaluator.arena().make<Array>();
    const auto size = size_of(arguments[0]);
    out->reserve(evaluator.arena(), size);
    for (auto index = size; index > 0; --index) {
        out->push(evaluator.arena(), item_of(arguments[0], index - 1));
    }
    return Value::of(out);
}

Value shuffle(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined() || size_of(arguments[0]) <= 1) {
        return arguments[0];
    }
    std::vector<Value> items(size_of(arguments[0]));
    for (std::size_t index = 0; index < items.size(); ++index) {
        evaluator.tick();
        const auto other = std::min(
            static_cast<std::size_t>(evaluator.world().random() * static_cast<double>(index + 1)),
            index
        );
        items[index] = items[other];
        items[other] = item_of(arguments[0], index);
    }
    auto* const out = evaluator.arena().make<Array>();
    out->reserve(evaluator.arena(), items.size());
    for (const auto& item : items) {
        out->push(evaluator.arena(), item);
    }
    return Value::of(out);
}

Value zip(Evaluator& evaluator, const Arguments& arguments) {
    auto& arena = evaluator.arena();
    auto* const out = arena.make<Array>();
    std::size_t shortest = arguments.size() == 0 ? 0 : static_cast<std::size_t>(-1);
    for (std::size_t number = 0; number < arguments.size(); ++number) {
        shortest =
            std::min(shortest, arguments[number].is_array() ? size_of(arguments[number]) : 0);
    }
    for (std::size_t index = 0; index < shortest; ++index) {
        evaluator.tick();
        auto* const row = arena.make<Array>();
        row->reserve(arena, arguments.size());
        for (std::size_t number = 0; number < arguments.size(); ++number) {
            row->push(arena, item_of(arguments[number], index));
        }
        out->push(arena, Value::of(row));
    }
    return Value::of(out);
}

Value distinct(Evaluator& evaluator, const Arguments& arguments) {
    const auto array = arguments[0];
    if (!array.is_array() || size_of(array) <= 1) {
        return array;
    }
    auto* const out = evaluator.arena().make<Array>();
    out->sequence = is_sequence(array);
    for (std::size_t index = 0; index < size_of(array); ++index) {
        const auto item = item_of(array, index);
        bool known = false;
        for (std::size_t other = 0; !known && other < out->size(); ++other) {
            evaluator.tick();
            known = deep_equal(item, out->at(other));
        }
        if (!known) {
            out->push(evaluator.arena(), item);
        }
    }
    return Value::of(out);
}

Value sort(Evaluator& evaluator, const Arguments& arguments) {
    const auto array = arguments[0];
    if (!array.defined() || size_of(array) <= 1) {
        return array;
    }
    const auto comparator = arguments[1];
    const bool numbers = is_array_of(array, Kind::number);
    if (!comparator.defined() && !numbers && !is_array_of(array, Kind::string)) {
        throw Failure{"D3070"};
    }
    const auto later = [&](std::uint32_t left, std::uint32_t right) {
        evaluator.tick();
        const Value pair[] = {item_of(array, left), item_of(array, right)};
        if (comparator.defined()) {
            return truth(evaluator.apply(comparator, pair, {}));
        }
        return numbers ? pair[0].number > pair[1].number
                       : compare_utf16(pair[0].text(), pair[1].text()) > 0;
    };
    auto* const out = evaluator.arena().make<Array>();
    out->reserve(evaluator.arena(), size_of(array));
    for (const auto index : sorted_order(size_of(array), later)) {
        out->push(evaluator.arena(), item_of(array, index));
    }
    return Value::of(out);
}

Value exists(Evaluator&, const Arguments& arguments) {
    return Value::of(arguments[0].defined());
}

constexpr std::array kFunctions{
    Builtin{"append", "<xx:a>", 2, append},
    Builtin{"exists", "<x:b>", 1, exists},
    Builtin{"reverse", "<a:a>", 1, reverse},
    Builtin{"sort", "<af?:a>", 2, sort},
    Builtin{"shuffle", "<a:a>", 1, shuffle},
    Builtin{"distinct", "<x:x>", 1, distinct},
    Builtin{"zip", "<a+>", 0, zip},
};

}  // namespace

std::span<const Builtin> array_functions() {
    return kFunctions;
}

}  // namespace kiln::jsonata
