#include "flow/engine/open_execution.hpp"

#include "base/error.hpp"
#include "flow/binary.hpp"
#include "flow/frame_codec.hpp"
#include "flow/frame_tree.hpp"
#include "flow/json_text.hpp"

namespace kiln::flow {

namespace {

namespace change = ports::flow_change;

constexpr std::size_t kFrameBytes = 512;  // of a frame that holds nothing, in memory
/// What is short in the store is about so many times longer in memory.
constexpr std::size_t kSpread = 3;

void write_stamp(BinaryWriter& writer, const Timeline& time) {
    const auto stamp = time.stamp();
    writer.time(stamp.begin);
    writer.number(stamp.drift.count());
}

Timeline::Stamp read_stamp(BinaryReader& reader) {
    Timeline::Stamp stamp;
    stamp.begin = reader.time();
    stamp.drift = Duration{reader.number()};
    return stamp;
}

std::string write_head(const OpenExecution& open, const Timeline& time) {
    std::string text;
    BinaryWriter writer{text};
    write_stamp(writer, time);
    writer.unsigned_number(open.extras.express ? 1 : 0);
    writer.text(open.extras.trace_header);
    writer.unsigned_number(open.extras.redrive_tokens.size());
    for (const auto& each : open.extras.redrive_tokens) {
        writer.text(each.token);
        writer.time(each.at);
    }
    writer.payload(open.execution.facts.map_item);
    text += encode_execution(open.execution);
    return text;
}

void shift(std::optional<TimePoint>& time, Duration by) {
    if (time) {
        *time += by;
    }
}

/// What the row tells of how the execution stands, in times of day.
ports::ExecutionState state_of(const OpenExecution& open, const Timeline& time) {
    const auto& execution = open.execution;
    ports::ExecutionState state;
    state.status = to_string(execution.status);
    state.redrives = execution.redrives;
    if (execution.ended) {
        state.stopped = time.shown(*execution.ended);
    }
    if (execution.output != nullptr) {
        state.output = json_text(*execution.output);
    }
    state.error = execution.error;
    state.cause = execution.cause;
    state.more = write_head(open, time);
    return state;
}

void write_state(OpenExecution& open, const Timeline& time, ports::FlowChanges& changes) {
    auto state = state_of(open, time);
    if (!open.unwritten.whole) {
        changes.emplace_back(change::SetExecution{open.row.number, std::move(state)});
        return;
    }
    auto row = open.row;
    row.status = std::move(state.status);
    row.redrives = state.redrives;
    row.stopped = state.stopped;
    row.output = std::move(state.output);
    row.error = std::move(state.error);
    row.cause = std::move(state.cause);
    row.more = std::move(state.more);
    changes.emplace_back(change::AddExecution{std::move(row)});
}

void write_frame(
    OpenExecution& open, const Frame& frame, const Timeline& time, ports::FlowChanges& changes
) {
    const auto number = open.row.number;
    change::PutFrame put{.execution = number, .row = {}, .with_body = false};
    put.with_body = open.unwritten.enlarged.contains(frame.id);
    auto& row = put.row;
    row.frame = frame.id;
    if (open.running()) {
        row.wakes = wakes_at(open.execution, frame);
        shift(row.wakes, time.stamp().drift);
        row.waits_for = waits_for(frame);
    }
    row.waits_since = time.shown(frame.entered_at);
    BinaryWriter writer{row.head};
    write_stamp(writer, time);
    row.head += encode_head(frame);
    if (put.with_body) {
        row.body = encode_body(frame);
    }
    auto& bytes = open.written[frame.id];
    open.bytes -= bytes;
    bytes = kFrameBytes + kSpread * (row.head.size() + row.body.size());
    open.bytes += bytes;
    changes.emplace_back(std::move(put));
}

void write_frames(OpenExecution& open, const Timeline& time, ports::FlowChanges& changes) {
    const auto number = open.row.number;
    if (open.execution.frames.empty()) {
        if (!open.written.empty()) {
            changes.emplace_back(change::ClearFrames{number});
        }
        open.written.clear();
        return;
    }
    for (const auto id : open.unwritten.removed) {
        if (const auto found = open.written.find(id); found != open.written.end()) {
            open.bytes -= found->second;
            open.written.erase(found);
            changes.emplace_back(change::RemoveFrame{number, id});
        }
    }
    for (const auto id : open.unwritten.touched) {
        if (const auto found = open.execution.frames.find(id);
            found != open.execution.frames.end()) {
            write_frame(open, found->second, time, changes);
        }
    }
    if (open.running()) {
        change::PutFrame put{.execution = number, .row = {}, .with_body = false};
        put.row.frame = kHeadFrame;
        put.row.head = write_head(open, time);
        open.written.emplace(kHeadFrame, 0);
        changes.emplace_back(std::move(put));
    } else if (open.written.erase(kHeadFrame) > 0) {
        changes.emplace_back(change::RemoveFrame{number, kHeadFrame});
    }
}

}  // namespace

std::string waits_for(const Frame& frame) {
    if (frame.phase == Phase::entering || frame.phase == Phase::mapping) {
        return "*";
    }
    if (frame.phase != Phase::scheduled && frame.phase != Phase::started &&
        frame.phase != Phase::submitted) {
        return {};
    }
    const auto& resource = std::get<asl::TaskFields>(state_of(frame).fields).resource;
    if (resource.kind == asl::ResourceKind::activity) {
        return frame.phase == Phase::scheduled ? resource.arn : "";
    }
    const bool reported = resource.pattern == asl::Pattern::wait_for_task_token;
    return frame.phase == Phase::submitted && reported ? "" : "*";
}

std::optional<TimePoint> wakes_at(const Execution& execution, const Frame& frame) {
    std::optional<TimePoint> earliest;
    const auto consider = [&](const std::optional<TimePoint>& timer) {
        if (timer && (!earliest || *timer < *earliest)) {
            earliest = timer;
        }
    };
    consider(frame.resume_at);
    consider(frame.times_out_at);
    consider(frame.beats_out_at);
    if (frame.id == kRootFrame) {
        consider(execution.times_out_at);
    }
    return earliest;
}

void note_outcome(OpenExecution& open, std::vector<HistoryEvent>& history, const Timeline& time) {
    auto& unwritten = open.unwritten;
    unwritten.head = true;
    auto& execution = open.execution;
    for (const auto id : execution.removed) {
        unwritten.touched.erase(id);
        unwritten.enlarged.erase(id);
    }
    unwritten.touched.merge(execution.touched);
    unwritten.enlarged.merge(execution.enlarged);
    unwritten.removed.merge(execution.removed);
    execution.touched.clear();
    execution.enlarged.clear();
    execution.removed.clear();
    // An express execution's history is not kept.
    if (open.extras.express) {
        return;
    }
    for (auto& event : history) {
        event.at = time.shown(event.at);
        unwritten.first = unwritten.first == 0 ? event.id : unwritten.first;
        unwritten.last = event.id;
        encode_event(event, unwritten.history);
    }
}

void write_execution(OpenExecution& open, const Timeline& time, ports::FlowChanges& changes) {
    auto& unwritten = open.unwritten;
    const auto number = open.row.number;
    if (open.fleeting() && !open.running()) {
        if (!unwritten.whole) {
            changes.emplace_back(change::RemoveExecution{number});
        }
        unwritten = {};
        return;
    }
    if (unwritten.whole || unwritten.state) {
        write_state(open, time, changes);
    }
    write_frames(open, time, changes);
    if (!unwritten.history.empty()) {
        changes.emplace_back(change::AddHistory{
            number, {unwritten.first, unwritten.last, std::move(unwritten.history)}});
    }
    unwritten = {};
    // Read again by whoever wants it as it was given.
    if (!open.fleeting()) {
        open.row.input = {};
    }
}

HeadText read_head(std::string_view text) {
    BinaryReader reader{text};
    HeadText head;
    head.stamp = read_stamp(reader);
    head.extras.express = reader.unsigned_number() == 1;
    head.extras.trace_header = reader.text();
    const auto tokens = reader.count();
    for (std::size_t i = 0; i < tokens; ++i) {
        std::string token{reader.text()};
        head.extras.redrive_tokens.push_back({std::move(token), reader.time()});
    }
    head.map_item = reader.payload();
    head.execution = reader.rest();
    return head;
}

void read_execution(
    OpenExecution& open, const std::vector<ports::FrameRow>& frames, const Timeline& time
) {
    auto& execution = open.execution;
    const bool has_head = !frames.empty() && frames.front().frame == kHeadFrame;
    const auto head = read_head(has_head ? frames.front().head : open.row.more);
    open.extras = head.extras;
    execution.facts.map_item = head.map_item;
    decode_execution(head.execution, execution);
    const auto by = time.shift(head.stamp);
    for (auto* each : {&execution.redriven_at, &execution.ended, &execution.times_out_at}) {
        shift(*each, by);
    }
    open.bytes = kFrameBytes + kSpread * open.row.input.size();
    for (const auto& row : frames) {
        const auto bytes = kFrameBytes + kSpread * (row.head.size() + row.body.size());
        open.written.emplace(row.frame, bytes);
        open.bytes += bytes;
        if (row.frame == kHeadFrame) {
            continue;
        }
        BinaryReader reader{row.head};
        const auto frame_shift = time.shift(read_stamp(reader));
        auto frame = decode_frame(reader.rest(), row.body);
        for (auto* each : {&frame.resume_at, &frame.times_out_at, &frame.beats_out_at}) {
            shift(*each, frame_shift);
        }
        frame.entered_at += frame_shift;
        const auto id = frame.id;
        if (has_open_task(frame)) {
            open.tasks.emplace(frame.task->number, id);
        }
        execution.frames.emplace_hint(execution.frames.end(), id, std::move(frame));
    }
    link_frames(execution);
}

}  // namespace kiln::flow
