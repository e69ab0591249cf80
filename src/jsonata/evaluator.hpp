#pragma once

#include "jsonata/builtins.hpp"
#include "jsonata/jsonata.hpp"
#include "jsonata/node.hpp"
#include "jsonata/runtime.hpp"
#include "jsonata/stringify.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace kiln::jsonata {

/// One evaluation of one expression. Used by one thread, once.
class Evaluator {
  public:
    Evaluator(const Program& program, const Limits& limits, const World& world);

    /// @throws Failure
    Value run(const json::value* input, const Bindings& bindings);

    Value evaluate(const Node& node, Value input, Frame* frame);

    /// Calls a function. Its arguments are checked against its signature.
    /// @param input  what stands in for an argument that the context may give
    /// @throws Failure  T1006: `procedure` is not a function
    Value apply(Value procedure, std::span<const Value> arguments, Value input);

    /// Counts a step; every so often looks at the clock. @throws Failure  time_out
    void tick() {
        if ((++ticks_ & 0xFFU) == 0) {
            arena_.check_time();
        }
    }

    [[nodiscard]] Arena& arena() noexcept { return arena_; }

    [[nodiscard]] const World& world() const noexcept { return world_; }

    [[nodiscard]] Array* make_sequence();

    [[nodiscard]] Value text(std::string_view text) { return Value::of(arena_.copy(text)); }

    [[nodiscard]] Frame* make_frame(Frame* parent) {
        return arena_.make<Frame>(Frame{.parent = parent});
    }

    [[nodiscard]] Frame* frame_of(const Tuple& tuple, Frame* parent);

    /// A function as an argument: what it is called with has no context.
    [[nodiscard]] Value enclose(Value function);

  private:
    /// What a step works on: the items of an array, or one value that stands for itself.
    struct Items {
        Value value;
        bool single = false;

        [[nodiscard]] std::size_t size() const { return single ? 1 : size_of(value); }

        [[nodiscard]] Value at(std::size_t index) const {
            return single ? value : item_of(value, index);
        }
    };

    Value evaluate_type(const Node& node, Value input, Frame* frame);
    Value literal_array(const Node& node, Value input, Frame* frame);
    Value negate(const Node& node, Value input, Frame* frame);
    Value condition(const Node& node, Value input, Frame* frame);
    Value block(const Node& node, Value input, Frame* frame);
    Value variable(const Node& node, Value input, Frame* frame);
    Value wildcard(Value input);
    Value descendants(Value input);
    Value binary(const Node& node, Value input, Frame* frame);

    Value path(const Node& node, Value input, Frame* frame);
    std::optional<Value> plain_path(const Node& node, Value input, Frame* frame);
    Items step(const Node& node, Items input, Frame* frame, bool last);
    Items collected(Value first, bool last);
    void flatten_into(Value value, Array& out);
    Value as_array(Items items);
    Value finished_path(const Node& node, Items result, Value tuples, Frame* frame);
    Value tuple_step(const Node& node, Items input, Value tuples, Frame* frame);
    Value sort_tuples(const Node& node, Items input, Value tuples, Frame* frame);
    void expand(const Node& node, const Tuple& tuple, Value results, Array& out);
    Value run_stages(const std::vector<Stage>& stages, Value value, Frame* frame);
    Value filter(const Node& predicate, Value input, Frame* frame);
    std::size_t selections(Value verdict, std::size_t index, std::size_t size);
    Value sort(const Node& node, Value input, Frame* frame);
    Value group(const Group& group, Value input, Frame* frame);

    Value call(const Node& node, Value input, Frame* frame, const Value* first);
    Value partial(const Node& node, Value input, Frame* frame);
    Value chain(const Node& node, Value input, Frame* frame);
    Value apply_once(Value procedure, std::span<const Value> arguments, Value input);
    Value run_function(Function& function, std::vector<Value>& arguments, Value input);
    Value call_lambda(const Function& lambda, std::span<const Value> arguments);
    Value call_partial(const Function& function, std::span<const Value> arguments);
    Value transform(const Function& function, Value object);
    void update(const Node& node, Value match, Frame* frame);
    void erase(const Node& node, Value match, Frame* frame);
    bool named_without_dollar(const Node& procedure, Frame* frame);

    Value lookup(std::uint32_t name, Frame* frame);
    Value builtin_value(const Builtin& builtin);

    const Program& program_;
    const World& world_;
    Arena arena_;
    std::size_t deepest_;
    std::size_t depth_ = 0;
    std::size_t calls_ = 0;  ///< calls within calls, also those that evaluate nothing
    std::uint32_t ticks_ = 0;
    bool rewritten_ = false;  ///< a transform has changed values that may be older than the call
    std::vector<std::unique_ptr<Function>> builtins_;
};

/// A field of an object, or of every object in an array.
[[nodiscard]] Value field_of(
    Evaluator& evaluator, Value value, std::string_view key, int depth = 0
);

/// Adds the items of an array. @param value  is_array()
void append_items(Evaluator& evaluator, Value value, Array& out);

/// A value as `&` joins it. @throws Failure  D3001, D1001
[[nodiscard]] std::string text_of(Evaluator& evaluator, Value value);

/// A stable merge sort of numbers below `count`. @param later  does the first belong behind the
/// second?
[[nodiscard]] std::vector<std::uint32_t> sorted_order(
    std::size_t count, const std::function<bool(std::uint32_t, std::uint32_t)>& later
);

}  // namespace kiln::jsonata
