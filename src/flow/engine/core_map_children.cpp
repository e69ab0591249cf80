// Children of Map Runs: they begin, end and are stopped.

#include "asl/arn.hpp"
#include "flow/engine/core.hpp"
#include "flow/engine/execution_world.hpp"
#include "flow/json_text.hpp"
#include "flow/state_failure.hpp"

namespace kiln::flow {

namespace {

/// What the engine does for Map Runs between two looks at its inbox.
constexpr std::size_t kBudget = 1'000;

std::int64_t first_item(const MapRun& run, std::int64_t child) {
    return run.batches.empty() ? child : run.batches[static_cast<std::size_t>(child)].first;
}

}  // namespace

/// How many children there are, and how many items each has. @throws StateFailure  by ItemSelector
void Engine::Core::lay_out_children(MapRun& run) {
    const auto total = item_count(run.items);
    std::vector<std::int32_t> items;
    const auto& order = run.order;
    run.batches.clear();
    if (run.fields().batcher) {
        auto* const slot = live(slots_.find(run.row.execution));
        std::vector<Payload> selected;
        if (slot != nullptr) {
            ExecutionWorld world{*this, slot->number};
            auto& parent = load(*slot).execution;
            ItemInputs inputs{parent, world, settings.limits, order, run.items, run.source};
            for (std::int64_t i = 0; i < total; ++i) {
                selected.push_back(inputs.at(i));
            }
        }
        run.batches = cut_batches(
            selected, order.batch_input, order.max_items_per_batch, order.max_bytes_per_batch
        );
        for (const auto& batch : run.batches) {
            items.push_back(static_cast<std::int32_t>(batch.count));
        }
    } else {
        items.assign(static_cast<std::size_t>(total), 1);
    }
    run.children = MapRunChildren{std::move(items), run.limits};
    run.numbers.assign(static_cast<std::size_t>(run.children.size()), 0);
}

/// What the store knows of them.
void Engine::Core::count_children(MapRun& run) {
    world_.store.visit_children(run.row.arn, 0, [&](const ports::ExecutionRow& child) {
        if (child.map_index < run.children.size()) {
            auto state = ChildState::running;
            for (const auto status :
                 {Status::succeeded, Status::failed, Status::timed_out, Status::aborted}) {
                if (child.status == to_string(status)) {
                    state = child_state(status);
                }
            }
            run.children.set(child.map_index, state);
            run.numbers[static_cast<std::size_t>(child.map_index)] = child.number;
        }
        return true;
    });
}

void Engine::Core::tend_map_runs() {
    auto budget = kBudget;
    while (budget > 0 && !tended_.empty() && !gathering_.full()) {
        const auto arn = *tended_.begin();
        const auto found = map_runs_.find(arn);
        if (found == map_runs_.end()) {
            tended_.erase(arn);
            continue;
        }
        const auto before = budget;
        try {
            tend(*found->second, budget);
        } catch (const std::exception& error) {
            if (rest_after(error, "tend a Map Run")) {
                return;
            }
            tended_.erase(arn);
            continue;
        }
        if (before == budget) {
            tended_.erase(arn);  // nothing to do until something happens
        }
    }
}

void Engine::Core::tend(MapRun& run, std::size_t& budget) {
    using Stage = MapRun::Stage;
    if (run.stage == Stage::running && run.children.breached()) {
        run.stage = Stage::stopping;
    }
    if (run.stage == Stage::running) {
        start_children(run, budget);
        if (run.children.ended()) {
            gather_results(run);
        }
    } else if (run.stage == Stage::stopping) {
        stop_children(run, budget);
        if (run.children.running() == 0) {
            gather_results(run);
        }
    }
    show_map_run(run);
}

void Engine::Core::start_children(MapRun& run, std::size_t& budget) {
    auto* const slot = live(slots_.find(run.row.execution));
    if (slot == nullptr || !run.children.next()) {
        return;
    }
    ExecutionWorld world{*this, slot->number};
    auto& parent = load(*slot).execution;
    if (!parent.frames.contains(run.order.frame)) {
        return;
    }
    ItemInputs inputs{parent, world, settings.limits, run.order, run.items, run.source};
    for (auto next = run.children.next(); next && budget > 0 && !gathering_.full();
         next = run.children.next()) {
        --budget;
        try {
            start_child(run, inputs, *next);
        } catch (const StateFailure& failure) {
            const auto& why = failure.output();
            const TaskFailure told{why.error.value_or(""), why.cause.value_or("")};
            run.stage = MapRun::Stage::stopping;
            run.failure = told;
            return;
        }
    }
}

void Engine::Core::start_child(MapRun& run, ItemInputs& inputs, std::int64_t index) {
    const bool express = run.fields().child_type == asl::ChildType::express;
    if (run.children.state(index) == ChildState::again && !express &&
        run.numbers[static_cast<std::size_t>(index)] != 0) {
        return redrive_child(run, index);
    }
    const auto first = first_item(run, index);
    Payload input;
    if (run.batches.empty()) {
        input = inputs.at(first);
    } else {
        const auto& batch = run.batches[static_cast<std::size_t>(index)];
        std::vector<Payload> selected;
        for (std::int64_t i = 0; i < batch.count; ++i) {
            selected.push_back(inputs.at(first + i));
        }
        input = batch_value(selected, {0, batch.count}, run.order.batch_input);
    }
    Birth birth;
    auto& facts = birth.facts;
    facts.name = entropy_.uuid();
    facts.machine_arn = run.machine_arn;
    facts.machine_name = run.machine_arn.substr(run.machine_arn.rfind(':') + 1);
    const auto place = std::get<asl::Arn>(asl::parse_arn(run.row.arn)).place;
    facts.arn =
        express ? asl::express_execution_arn(place, facts.machine_name, facts.name, entropy_.uuid())
                : asl::execution_arn(place, facts.machine_name, facts.name);
    facts.role_arn = run.role_arn;
    facts.started = time_.time_of_day();
    facts.input = input;
    facts.machine = run.children_machine;
    facts.map_item = inputs.context_at(first);
    birth.row.revision = run.revision;
    birth.row.map_run = run.row.arn;
    birth.row.map_index = index;
    birth.row.input = json_text(*input);
    birth.extras.express = express;
    run.children.set(index, ChildState::running);
    run.numbers[static_cast<std::size_t>(index)] = give_birth(std::move(birth)).number;
}

/// Goes on with a child that has failed.
void Engine::Core::redrive_child(MapRun& run, std::int64_t index) {
    const auto number = run.numbers[static_cast<std::size_t>(index)];
    auto* slot = live(slots_.find(number));
    if (slot == nullptr) {
        auto row = world_.store.find(number);
        if (!row) {
            return run.children.set(index, ChildState::failed);
        }
        auto open = read(*row);
        slot = &slots_.add(row->number, row->arn);
        slots_.keep(*slot, std::move(open));
    }
    if (apply(*slot, Redrive{}).accepted) {
        slot->open->unwritten.state = true;
        return run.children.set(index, ChildState::running);
    }
    run.children.set(index, child_state(slot->open->execution.status));
    if (!slot->dirty && !slot->writing) {
        slots_.remove(*slot);
    }
}

void Engine::Core::stop_children(MapRun& run, std::size_t& budget) {
    for (const auto index : run.children.running(budget)) {
        const auto number = run.numbers[static_cast<std::size_t>(index)];
        auto* const slot = live(slots_.find(number));
        if (slot != nullptr && load(*slot).running()) {
            (void)apply(*slot, Stop{});
        }
        // Counted here: that the end is durable is told of one that has ended already.
        const auto status = slot != nullptr ? slot->open->execution.status : Status::aborted;
        run.children.set(index, child_state(status));
        --budget;
    }
}

void Engine::Core::child_ended(const std::string& arn, std::int64_t index, Status status) {
    const auto found = map_runs_.find(arn);
    if (found == map_runs_.end() || index >= found->second->children.size()) {
        return;
    }
    auto& run = *found->second;
    if (run.children.state(index) == ChildState::running) {
        run.children.set(index, child_state(status));
        tended_.insert(arn);
    }
}

}  // namespace kiln::flow
