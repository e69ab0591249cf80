// Map Runs: they begin, get their items, and are changed.

#include "asl/arn.hpp"
#include "base/error.hpp"
#include "flow/engine/core.hpp"
#include "flow/state_failure.hpp"

#include <fmt/format.h>

namespace kiln::flow {

namespace {

MapRunLimits limits_of(const StartMapRun& order, const asl::MapFields& fields) {
    MapRunLimits limits;
    limits.max_concurrency = order.max_concurrency;
    if (fields.tolerated_count) {
        limits.tolerated_count = order.tolerated_count;
    }
    if (fields.tolerated_percentage) {
        limits.tolerated_percentage = order.tolerated_percentage;
    }
    return limits;
}

/// "NAME" of "…:stateMachine:NAME/LABEL".
std::string machine_name(std::string_view machine_arn) {
    const auto name = machine_arn.substr(machine_arn.rfind(':') + 1);
    return std::string{name.substr(0, name.find('/'))};
}

asl::ArnPlace place_of(std::string_view machine_arn) {
    const auto read = asl::parse_arn(machine_arn);
    const auto* const arn = std::get_if<asl::Arn>(&read);
    return arn != nullptr ? arn->place : asl::ArnPlace{};
}

}  // namespace

MapRun* Engine::Core::find_map_run(ports::ExecutionNumber number, TaskNumber task) {
    for (auto& [arn, run] : map_runs_) {
        if (run->row.execution == number && run->row.task == task) {
            return run.get();
        }
    }
    return nullptr;
}

void Engine::Core::begin_map_run(ports::ExecutionNumber number, const StartMapRun& order) {
    auto* const slot = live(slots_.find(number));
    if (slot == nullptr || find_map_run(number, order.task) != nullptr) {
        return;
    }
    if (order.redriven) {
        for (auto& row : world_.store.map_runs(number)) {
            if (row.task == order.task) {
                return revive_map_run(row);
            }
        }
    }
    auto& open = load(*slot);
    const auto& facts = open.execution.facts;
    auto run = std::make_unique<MapRun>();
    run->order = order;
    const auto& fields = run->fields();
    const auto name = machine_name(facts.machine_arn);
    const auto place = place_of(facts.machine_arn);
    run->row.arn = asl::map_run_arn(place, name, fields.label, entropy_.uuid());
    run->row.execution = number;
    run->row.frame = order.frame;
    run->row.task = order.task;
    run->row.status = "RUNNING";
    run->row.started = time_.time_of_day();
    run->execution_arn = slot->arn;
    run->revision = open.row.revision;
    run->role_arn = facts.role_arn;
    run->parent = facts.machine;
    run->children_machine = child_machines_.children_of(run->revision, facts.machine, fields.label);
    run->machine_arn = asl::state_machine_arn(place, name + "/" + fields.label);
    run->limits = limits_of(order, fields);
    run->source = source_of(fields, order.reader_parameters);
    run->items = order.items;
    auto& begun = *map_runs_.emplace(run->row.arn, std::move(run)).first->second;
    put_map_run(begun, true);
    tell_parent(begun, false);
    read_items(begun);
}

/// The parent's history says that it runs.
void Engine::Core::tell_parent(MapRun& run, bool redriven) {
    if (auto* const slot = live(slots_.find(run.row.execution))) {
        (void)apply(
            *slot,
            MapRunStarted{
                run.order.frame,
                run.order.task,
                run.row.arn,
                run.children.size(),
                redriven ? run.redrives : 0}
        );
    }
}

void Engine::Core::load_map_runs() {
    for (auto& row : world_.store.open_map_runs()) {
        chores_.push_back(std::make_shared<std::function<void()>>([this, row] {
            revive_map_run(row);
        }));
    }
}

/// One that was begun before: by another process, before a commit that failed, or, when it is over,
/// before a redrive.
void Engine::Core::revive_map_run(const ports::MapRunRow& row) {
    if (map_runs_.contains(row.arn)) {
        return;
    }
    auto* const slot = live(slots_.find(row.execution));
    auto run = std::make_unique<MapRun>(read_map_run(row));
    auto parent = world_.store.find(row.execution);
    if (!parent) {
        return;
    }
    const auto& arn = row.arn;
    const auto label = arn.substr(arn.find('/') + 1, arn.rfind(':') - arn.find('/') - 1);
    run->execution_arn = parent->arn;
    run->revision = parent->revision;
    run->role_arn = parent->role;
    run->parent = child_machines_.machine_of(*parent, world_.definitions);
    run->order.state = find_map(run->parent->top, label);
    if (run->order.state == nullptr) {
        throw Error{ErrorKind::corrupt, fmt::format("no distributed Map has label '{}'", label)};
    }
    run->children_machine = child_machines_.children_of(run->revision, run->parent, label);
    run->machine_arn = asl::state_machine_arn(
        place_of(parent->machine), machine_name(parent->machine) + "/" + label
    );
    auto& revived = *map_runs_.emplace(arn, std::move(run)).first->second;
    const bool over = row.stopped.has_value();
    const auto* frame = static_cast<const Frame*>(nullptr);
    if (slot != nullptr) {
        const auto& frames = load(*slot).execution.frames;
        const auto found = frames.find(row.frame);
        frame = found == frames.end() ? nullptr : &found->second;
    }
    const bool wanted =
        frame != nullptr && frame->phase == Phase::mapping && frame->task->number == row.task;
    revived.cancelled = !wanted;
    if (over && !wanted) {
        map_runs_.erase(arn);
        return;
    }
    if (revived.items != nullptr) {
        lay_out_children(revived);
        count_children(revived);
    }
    if (over) {
        return redrive_map_run(revived);
    }
    if (revived.cancelled) {
        revived.stage = MapRun::Stage::stopping;
        tended_.insert(arn);
    } else if (revived.items == nullptr) {
        read_items(revived);
    } else {
        revived.stage = MapRun::Stage::running;
        tended_.insert(arn);
    }
    show_map_run(revived);
}

void Engine::Core::redrive_map_run(MapRun& run) {
    run.row.status = "RUNNING";
    run.row.stopped.reset();
    ++run.redrives;
    run.redriven = time_.time_of_day();
    run.results_written = 0;
    run.children.redrive();
    tell_parent(run, true);
    put_map_run(run, false);
    if (run.items == nullptr) {
        return read_items(run);
    }
    run.stage = MapRun::Stage::running;
    tended_.insert(run.row.arn);
}

void Engine::Core::read_items(MapRun& run) {
    run.stage = MapRun::Stage::reading;
    const auto& arn = run.row.arn;
    if (run.items != nullptr) {
        return have_items(arn, run.items);
    }
    const auto& reader = *run.fields().reader;
    auto config = reader.config;
    if (run.order.max_items) {
        config["MaxItems"] = *run.order.max_items;
    }
    auto parameters = run.order.reader_parameters;
    if (parameters == nullptr) {
        parameters = std::make_shared<const json::value>(json::object{});
    }
    // The definition stays as long as the work needs it.
    pool_->run([this, arn, parameters, config, parent = run.parent, &reader] {
        std::variant<Payload, TaskFailure> items;
        try {
            items = world_.items.read(reader.resource, *parameters, config);
        } catch (const TaskFailure& failure) {
            items = failure;
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::cancelled) {
                return;
            }
            items = TaskFailure{std::string{error_name::kItemReaderFailed}, error.what()};
        } catch (const std::exception& error) {
            items = TaskFailure{std::string{error_name::kItemReaderFailed}, error.what()};
        }
        inbox->post([this, arn, items] { chore([this, arn, items] { have_items(arn, items); }); });
    });
}

void Engine::Core::have_items(
    const std::string& arn, const std::variant<Payload, TaskFailure>& items
) {
    const auto found = map_runs_.find(arn);
    if (found == map_runs_.end() || found->second->stage != MapRun::Stage::reading) {
        return;
    }
    auto& run = *found->second;
    if (const auto* const failure = std::get_if<TaskFailure>(&items)) {
        return end_map_run(run, {.outcome = *failure});
    }
    const bool news = run.items == nullptr;
    run.items = std::get<Payload>(items);
    try {
        lay_out_children(run);
    } catch (const StateFailure& failure) {
        const auto& why = failure.output();
        return end_map_run(
            run, {.outcome = TaskFailure{why.error.value_or(""), why.cause.value_or("")}}
        );
    }
    if (news) {
        put_map_run(run, true);
    }
    run.stage = MapRun::Stage::running;
    tended_.insert(arn);
    show_map_run(run);
}

void Engine::Core::put_map_run(MapRun& run, bool with_items) {
    auto row = run.row;
    row.head = write_map_head(run);
    if (with_items) {
        row.items = write_map_items(run);
    }
    gathering_.changes.emplace_back(ports::flow_change::PutMapRun{std::move(row), with_items});
    show_map_run(run);
}

void Engine::Core::show_map_run(const MapRun& run) {
    map_run_views_.lock()->insert_or_assign(run.row.arn, view_of(run));
}

void Engine::Core::update_map_run(
    const std::string& arn, const MapRunUpdate& update, Callback<Done> done
) {
    const auto found = map_runs_.find(arn);
    if (found == map_runs_.end()) {
        const bool over = world_.store.find_map_run(arn).has_value();
        return answer<Done>(
            done,
            over ? Refusal{"ValidationException", fmt::format("Map Run is not running: '{}'", arn)}
                 : Refusal{"ResourceNotFound", fmt::format("Resource not found: '{}'", arn)}
        );
    }
    auto& run = *found->second;
    run.limits.max_concurrency = update.max_concurrency.value_or(run.limits.max_concurrency);
    if (update.tolerated_count) {
        run.limits.tolerated_count = update.tolerated_count;
    }
    if (update.tolerated_percentage) {
        run.limits.tolerated_percentage = update.tolerated_percentage;
    }
    run.children.set_limits(run.limits);
    put_map_run(run, false);
    tended_.insert(arn);
    answer<Done>(done, Done{});
}

}  // namespace kiln::flow
