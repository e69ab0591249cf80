// What the store remembers: after a start, and after a commit that failed.

#include "base/error.hpp"
#include "flow/engine/core.hpp"
#include "flow/frame_tree.hpp"

namespace kiln::flow {

namespace {

constexpr std::size_t kResumedAtOnce = 500;

constexpr std::string_view kEngine = "*";

}  // namespace

void Engine::Core::load_all() {
    auto& store = world_.store;
    last_number_ = store.last_number();
    store.visit_open([&](ports::ExecutionNumber number, std::string_view arn) {
        slots_.add(number, std::string{arn});
    });
    store.visit_waiting([&](const ports::FlowStore::Waiting& waiting) {
        if (auto* const slot = slots_.find(waiting.execution)) {
            index_waiting(*slot, waiting);
        }
    });
    load_map_runs();
}

void Engine::Core::index_waiting(Slot& slot, const ports::FlowStore::Waiting& waiting) {
    if (waiting.wakes) {
        slots_.mark(slot, waiting.frame, time_.ours(*waiting.wakes));
    }
    if (waiting.waits_for == kEngine) {
        resuming_.insert(slot.number);
    } else if (!waiting.waits_for.empty()) {
        slots_.enqueue(
            slot, waiting.frame, std::string{waiting.waits_for}, time_.ours(waiting.waits_since)
        );
    }
}

void Engine::Core::refresh_stale() {
    try {
        while (!stale_.empty()) {
            auto* const slot = slots_.find(*stale_.begin());
            if (slot == nullptr || !slot->stale) {
                stale_.erase(stale_.begin());
            } else {
                (void)reindex(*slot);
            }
        }
        if (map_runs_stale_) {
            map_runs_.clear();
            tended_.clear();
            load_map_runs();
            map_runs_stale_ = false;
        }
    } catch (const std::exception&) {
        rest();
    }
}

bool Engine::Core::reindex(Slot& slot) {
    const auto number = slot.number;
    const auto row = world_.store.find(number);
    const auto frames =
        row && !row->stopped ? world_.store.frames(number) : std::vector<ports::FrameRow>{};
    stale_.erase(number);
    slot.stale = false;
    if (!row || row->stopped) {
        if (const auto found = watchers_.find(number); found != watchers_.end()) {
            const Refusal lost{"InternalFailure", "The execution did not get to the store."};
            for (const auto& ended : found->second) {
                answer<ExecutionView>(ended, lost);
            }
            watchers_.erase(found);
        }
        slots_.remove(slot);
        return false;
    }
    for (const auto& frame : frames) {
        index_waiting(slot, {number, frame.frame, frame.wakes, frame.waits_for, frame.waits_since});
    }
    return true;
}

void Engine::Core::resume_some() {
    for (auto left = kResumedAtOnce; left > 0 && !resuming_.empty() && !gathering_.full(); --left) {
        const auto number = *resuming_.begin();
        if (auto* const slot = live(slots_.find(number))) {
            try {
                resume(*slot);
            } catch (const std::exception& error) {
                if (rest_after(error, "resume an execution")) {
                    return;
                }
            }
        }
        resuming_.erase(number);
    }
}

void Engine::Core::resume(Slot& slot) {
    auto& open = load(slot);
    std::vector<FrameId> frames;
    for (const auto& [id, frame] : open.execution.frames) {
        if (waits_for(frame) == kEngine) {
            frames.push_back(id);
        }
    }
    for (const auto id : frames) {
        resume_frame(slot, id);
    }
    const auto entering = [](const auto& entry) { return entry.second.phase == Phase::entering; };
    const auto& all = open.execution.frames;
    if (open.running() && std::any_of(all.begin(), all.end(), entering)) {
        (void)apply(slot, GoOn{});
    }
}

void Engine::Core::resume_frame(Slot& slot, FrameId id) {
    auto& frame = slot.open->execution.frames.at(id);
    if (frame.phase == Phase::mapping) {
        // Without a Map Run, its order is lost: the interpreter makes it again.
        if (find_map_run(slot.number, frame.task->number) == nullptr && !map_runs_stale_) {
            frame.phase = Phase::entering;
            slot.open->execution.touched.insert(id);
        }
    } else if (frame.phase != Phase::entering) {
        run_again(slot, frame);
    }
}

void Engine::Core::run_again(Slot& slot, const Frame& frame) {
    const auto task = frame.task->number;
    if (calls_.contains({slot.number, task})) {
        return;  // this process has begun it
    }
    const auto& resource = std::get<asl::TaskFields>(state_of(frame).fields).resource;
    const auto event = scheduling_of(slot.number, frame.task->scheduled);
    TaskCall again{
        .execution_arn = slot.arn,
        .execution = slot.number,
        .frame = frame.id,
        .task = task,
        .resource = resource,
        .parameters = event ? event->input : nullptr,
        .credentials = nullptr,
        .token = "",
        .again = true,
    };
    if (again.parameters == nullptr) {
        again.parameters = std::make_shared<const json::value>(json::object{});
    }
    if (resource.pattern == asl::Pattern::wait_for_task_token) {
        again.token = tokens_.write({slot.number, task});
    }
    const auto* const credentials = event ? event->more.if_contains("taskCredentials") : nullptr;
    if (credentials != nullptr && credentials->is_object()) {
        json::object named;
        if (const auto* role = credentials->as_object().if_contains("roleArn")) {
            named["RoleArn"] = *role;
        }
        again.credentials = std::make_shared<const json::value>(std::move(named));
    }
    call(std::move(again));
}

}  // namespace kiln::flow
