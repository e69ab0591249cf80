#include "asl/arn.hpp"
#include "flow/interpreter.hpp"

namespace kiln::flow {
namespace {

/// RFC 3339; a fraction without trailing zeros, none if it is zero.
std::string context_time(TimePoint time) {
    auto text = format_time(time);
    const auto point = text.find('.');
    if (point == std::string::npos) {
        return text;
    }
    text.pop_back();  // Z
    while (text.back() == '0') {
        text.pop_back();
    }
    if (text.back() == '.') {
        text.pop_back();
    }
    return text + 'Z';
}

/// An express execution cannot be redriven.
bool is_express(const ExecutionFacts& facts) {
    const auto parsed = asl::parse_arn(facts.arn);
    const auto* const arn = std::get_if<asl::Arn>(&parsed);
    return arn != nullptr && arn->kind == asl::ArnKind::express_execution;
}

/// What is the same for all states of an execution.
json::object common_context(const Execution& execution, Interpreter::WithInput with) {
    const auto& facts = execution.facts;
    json::object run{
        {"Id", facts.arn},
        {"Input", with == Interpreter::WithInput::yes ? *facts.input : json::value{}},
        {"StartTime", context_time(facts.started)},
        {"Name", facts.name},
        {"RoleArn", facts.role_arn},
    };
    if (!is_express(facts)) {
        run["RedriveCount"] = execution.redrives;
    }
    if (execution.redriven_at) {
        run["RedriveTime"] = context_time(*execution.redriven_at);
    }
    return {
        {"Execution", std::move(run)},
        {"StateMachine", {{"Id", facts.machine_arn}, {"Name", facts.machine_name}}},
    };
}

json::object state_context(const Frame& frame) {
    const auto& state = state_of(frame);
    json::object shown{{"Name", state.name}, {"EnteredTime", context_time(frame.entered_at)}};
    const bool retried = state.type == asl::StateType::task ||
                         state.type == asl::StateType::parallel ||
                         state.type == asl::StateType::map;
    if (retried) {
        shown["RetryCount"] = frame.retry_count;
    }
    return shown;
}

bool has_token(const asl::State& state) noexcept {
    const auto* task = std::get_if<asl::TaskFields>(&state.fields);
    return task != nullptr && (task->resource.kind == asl::ResourceKind::activity ||
                               task->resource.pattern == asl::Pattern::wait_for_task_token);
}

/// `$$.Map` of the innermost iteration that the frame is in; null: it is in none.
Payload map_around(const Execution& execution, const Frame& frame) {
    for (const auto* at = &frame; at->parent >= 0;) {
        const auto& parent = execution.frames.at(at->parent);
        if (is_map(parent)) {
            return map_context(parent.fork->items, at->index, "");
        }
        at = &parent;
    }
    return execution.facts.map_item;
}

}  // namespace

/// The common part is made once for a call of `advance` and then changed in place, unless a result
/// still shares it.
Payload Interpreter::context_of(const Frame& frame, Payload map, WithInput with) {
    auto& cached = contexts_[with == WithInput::yes ? 1 : 0];
    if (cached == nullptr || cached.use_count() > 1) {
        cached = std::make_shared<json::value>(common_context(execution_, with));
    }
    auto& context = cached->get_object();
    context["State"] = state_context(frame);
    const auto& state = state_of(frame);
    if (has_token(state) && frame.task) {
        context["Task"] = json::object{{"Token", world_.token(frame.task->number)}};
    } else {
        context.erase("Task");
    }
    if (map == nullptr) {
        map = map_around(execution_, frame);
    }
    if (map != nullptr) {
        context["Map"] = *map;
    } else {
        context.erase("Map");
    }
    return cached;
}

void Visit::look_at(Payload map) {
    map_ = std::move(map);
    context_.reset();
    small_context_.reset();
}

const Payload& Visit::context() {
    if (context_ == nullptr) {
        context_ = interpreter_.context_of(frame_, map_, Interpreter::WithInput::yes);
    }
    return context_;
}

const Payload& Visit::context_without_input() {
    if (small_context_ == nullptr) {
        small_context_ = interpreter_.context_of(frame_, map_, Interpreter::WithInput::no);
    }
    return small_context_;
}

/// Innermost first: the frame's own, then those around it.
const std::vector<const Variables*>& Visit::scopes() {
    if (!scopes_) {
        scopes_.emplace();
        const auto& frames = interpreter_.execution().frames;
        for (const auto* frame = &frame_;;) {
            if (frame->variables != nullptr) {
                scopes_->push_back(frame->variables.get());
            }
            if (frame->parent < 0) {
                break;
            }
            frame = &frames.at(frame->parent);
        }
    }
    return *scopes_;
}

std::shared_ptr<const void> Visit::owner() {
    return interpreter_.execution().facts.machine;
}

}  // namespace kiln::flow
