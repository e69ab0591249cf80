#include "flow/item_inputs.hpp"

#include "flow/interpreter.hpp"

namespace kiln::flow {

struct ItemInputs::Inside {
    Inside(Execution& execution, World& world, const Limits& limits, const StartMapRun& order)
        : interpreter{execution, world, limits, outcome},
          frame{execution.frames.at(order.frame)},
          state{*order.state},
          limit_bytes{limits.payload_bytes},
          input{order.input} {}

    Outcome outcome;  // stays empty
    Interpreter interpreter;
    const Frame& frame;
    const asl::State& state;
    std::size_t limit_bytes;
    Payload items;
    Payload input;
    std::string source;
};

ItemInputs::ItemInputs(
    Execution& execution,
    World& world,
    const Limits& limits,
    const StartMapRun& order,
    Payload items,
    std::string source
)
    : inside_{std::make_unique<Inside>(execution, world, limits, order)} {
    inside_->items = std::move(items);
    inside_->source = std::move(source);
}

ItemInputs::~ItemInputs() = default;

std::int64_t ItemInputs::size() const noexcept {
    return item_count(inside_->items);
}

Payload ItemInputs::context_at(std::int64_t index) const {
    return map_context(inside_->items, index, inside_->source);
}

Payload ItemInputs::at(std::int64_t index) {
    auto& in = *inside_;
    const auto& fields = std::get<asl::MapFields>(in.state.fields);
    if (!fields.item_selector) {
        return item_at(in.items, index);
    }
    Visit visit{in.interpreter, in.frame};
    visit.look_at(context_at(index));
    DataFlow data{in.state, in.frame.input, visit, in.limit_bytes};
    data.set_effective(in.input);
    return item_input(data, fields, in.items, index);
}

}  // namespace kiln::flow
