// Map Runs end: what they give, or why not.

#include "flow/engine/core.hpp"
#include "flow/json_text.hpp"
#include "flow/state_failure.hpp"

namespace kiln::flow {

namespace {

ResultOrder result_order(const MapRun& run, std::size_t payload_bytes) {
    const auto& writer = run.fields().writer;
    ResultOrder order;
    order.map_run_arn = run.row.arn;
    order.state_name = run.order.state->name;
    order.children = run.children.size();
    order.payload_bytes = payload_bytes;
    if (!writer) {
        return order;
    }
    const auto word = [&](const char* name) -> std::string_view {
        const auto* const value = writer->config.if_contains(name);
        return value != nullptr && value->is_string() ? std::string_view{value->as_string()} : "";
    };
    const auto wanted = word("Transformation");
    order.transformation = wanted == "COMPACT"   ? Transformation::compact
                           : wanted == "FLATTEN" ? Transformation::flatten
                                                 : Transformation::none;
    order.lines = word("OutputType") == "JSONL";
    order.files = writer->resource.has_value() && run.order.writer_parameters != nullptr;
    order.writer_parameters = run.order.writer_parameters;
    return order;
}

/// The newest row of each child: an express child that ran again has several.
void visit_newest(
    ports::FlowStore& store,
    const std::string& map_run,
    const std::function<bool(const ports::ExecutionRow&)>& visit
) {
    std::optional<ports::ExecutionRow> last;
    bool more = true;
    store.visit_children(map_run, 0, [&](const ports::ExecutionRow& row) {
        if (last && last->map_index != row.map_index) {
            more = visit(*last);
        }
        last = row;
        return more;
    });
    if (last && more) {
        visit(*last);
    }
}

}  // namespace

void Engine::Core::gather_results(MapRun& run) {
    run.stage = MapRun::Stage::gathering;
    if (run.cancelled) {
        run.row.status = "ABORTED";
        run.row.stopped = time_.time_of_day();
        return close_map_run(run);
    }
    auto order = result_order(run, settings.limits.payload_bytes);
    order.failure = run.failure;
    if (!order.failure && run.children.breached()) {
        order.failure = TaskFailure{
            std::string{error_name::kExceedToleratedFailureThreshold},
            "The specified tolerated failure threshold was exceeded"};
    }
    if (run.batches.empty()) {
        order.pending_input = [items = run.items](std::int64_t index) {
            return json_text(*item_at(items, index));
        };
    }
    const auto arn = run.row.arn;
    const auto gather = [this, arn, order] {
        MapRunResult result;
        try {
            result = shape_results(
                order,
                [&](const auto& visit) { visit_newest(world_.store, arn, visit); },
                world_.items
            );
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::cancelled) {
                return;
            }
            result.outcome = TaskFailure{std::string{error_name::kRuntime}, error.what()};
        } catch (const std::exception& error) {
            result.outcome = TaskFailure{std::string{error_name::kRuntime}, error.what()};
        }
        inbox->post([this, arn, result] {
            chore([this, arn, result] {
                const auto found = map_runs_.find(arn);
                if (found != map_runs_.end() && found->second->stage == MapRun::Stage::gathering) {
                    end_map_run(*found->second, result);
                }
            });
        });
    };
    // The last children's ends may wait for the disk.
    gathering_.sequels.emplace_back([this, gather] { pool_->run(gather); });
}

void Engine::Core::end_map_run(MapRun& run, const MapRunResult& result) {
    const auto* const failure = std::get_if<TaskFailure>(&result.outcome);
    run.row.status = failure != nullptr ? "FAILED" : "SUCCEEDED";
    run.row.stopped = time_.time_of_day();
    run.results_written = result.written;
    if (auto* const slot = live(slots_.find(run.row.execution))) {
        MapRunEnded ended{run.order.frame, run.order.task, nullptr, std::nullopt, std::nullopt};
        if (failure != nullptr) {
            ended.error = failure->error;
            ended.cause = failure->cause;
        } else {
            ended.output = std::get<Payload>(result.outcome);
        }
        (void)apply(*slot, ended);
    }
    close_map_run(run);
}

/// From now on its row tells of it.
void Engine::Core::close_map_run(MapRun& run) {
    put_map_run(run, false);
    const std::string arn = run.row.arn;
    tended_.erase(arn);
    map_runs_.erase(arn);
    gathering_.sequels.emplace_back([this, arn] {
        if (!map_runs_.contains(arn)) {
            map_run_views_.lock()->erase(arn);
        }
    });
}

void Engine::Core::cancel_map_run(ports::ExecutionNumber number, TaskNumber task) {
    auto* const run = find_map_run(number, task);
    if (run == nullptr) {
        return;
    }
    run->cancelled = true;
    if (run->stage == MapRun::Stage::gathering) {
        return gather_results(*run);
    }
    run->stage = MapRun::Stage::stopping;
    tended_.insert(run->row.arn);
}

}  // namespace kiln::flow
