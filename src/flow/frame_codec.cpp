#include "flow/frame_codec.hpp"

#include "flow/binary.hpp"
#include "flow/frame_tree.hpp"

namespace kiln::flow {
namespace {

/// The first byte of every text; another one is another program's.
constexpr char kVersion = 1;

[[noreturn]] void corrupt(const char* what) {
    throw Error{ErrorKind::corrupt, std::string{"a stored execution "} + what};
}

void check_version(BinaryReader& reader) {
    if (reader.unsigned_number() != static_cast<unsigned char>(kVersion)) {
        corrupt("was written by another version of kiln");
    }
}

void put_variables(BinaryWriter& writer, const VariablesPtr& variables) {
    writer.unsigned_number(variables != nullptr ? variables->size() : 0);
    if (variables != nullptr) {
        for (const auto& [name, value] : *variables) {
            writer.text(name);
            writer.payload(value);
        }
    }
}

VariablesPtr take_variables(BinaryReader& reader) {
    const auto count = reader.count();
    if (count == 0) {
        return nullptr;
    }
    auto variables = std::make_shared<Variables>();
    for (std::size_t i = 0; i < count; ++i) {
        std::string name{reader.text()};
        variables->emplace(std::move(name), reader.payload());
    }
    return variables;
}

void put_task(BinaryWriter& writer, const std::optional<TaskWait>& task) {
    writer.number(task ? task->number : 0);
    if (task) {
        writer.number(task->scheduled);
        writer.optional_number(task->timeout_seconds);
        writer.optional_number(task->heartbeat_seconds);
    }
}

std::optional<TaskWait> take_task(BinaryReader& reader) {
    TaskWait task;
    task.number = reader.number();
    if (task.number == 0) {
        return std::nullopt;
    }
    task.scheduled = reader.number();
    task.timeout_seconds = reader.optional_number();
    task.heartbeat_seconds = reader.optional_number();
    return task;
}

void put_fork(BinaryWriter& writer, const Fork& fork) {
    for (const auto number : {fork.total, fork.begun, fork.finished, fork.at_most}) {
        writer.number(number);
    }
    writer.unsigned_number(fork.running.size());
    FrameId before = 0;
    for (const auto id : fork.running) {
        writer.number(id - before);
        before = id;
    }
}

Fork take_fork(BinaryReader& reader) {
    Fork fork;
    for (auto* number : {&fork.total, &fork.begun, &fork.finished, &fork.at_most}) {
        *number = reader.number();
    }
    const auto running = reader.count();
    FrameId id = 0;
    for (std::size_t i = 0; i < running; ++i) {
        id += reader.number();
        fork.running.insert(fork.running.end(), id);
    }
    return fork;
}

void put_scope(BinaryWriter& writer, const Frame& frame) {
    writer.payload(frame.input);
    put_variables(writer, frame.variables);
}

void take_scope(BinaryReader& reader, Frame& frame) {
    frame.input = reader.payload();
    frame.variables = take_variables(reader);
}

/// Puts a child's id, and its result, where its parent's Fork has them.
void join(Frame& parent, const Frame& child) {
    auto& fork = *parent.fork;
    if (child.index < 0 || child.index >= fork.begun) {
        corrupt("has a result that nobody asked for");
    }
    const auto index = static_cast<std::size_t>(child.index);
    fork.children[index] = child.id;
    if (child.phase == Phase::done) {
        fork.results[index] = child.output;
    }
}

/// An input that is the state's own is written once.
void put_fork_input(BinaryWriter& writer, const Frame& frame) {
    const bool same = frame.fork->input == frame.input;
    writer.unsigned_number(same ? 1 : 0);
    if (!same) {
        writer.payload(frame.fork->input);
    }
}

}  // namespace

std::string encode_head(const Frame& frame) {
    std::string text{kVersion};
    BinaryWriter writer{text};
    for (const auto number :
         {frame.id,
          frame.parent,
          frame.index,
          static_cast<std::int64_t>(frame.state),
          static_cast<std::int64_t>(frame.phase),
          frame.last,
          frame.entered,
          frame.retry_count}) {
        writer.number(number);
    }
    writer.time(frame.entered_at);
    writer.unsigned_number(frame.retries.size());
    for (const auto used : frame.retries) {
        writer.number(used);
    }
    put_task(writer, frame.task);
    writer.payload(frame.output);
    writer.optional_text(frame.error);
    writer.optional_text(frame.cause);
    for (const auto& timer : {frame.resume_at, frame.times_out_at, frame.beats_out_at}) {
        writer.optional_time(timer);
    }
    writer.unsigned_number(frame.fork ? 1 : 0);
    if (frame.fork) {
        put_fork(writer, *frame.fork);
    } else {
        put_scope(writer, frame);
    }
    return text;
}

std::string encode_body(const Frame& frame) {
    std::string text;
    if (frame.fork) {
        BinaryWriter writer{text};
        put_scope(writer, frame);
        writer.payload(frame.fork->items);
        put_fork_input(writer, frame);
    }
    return text;
}

FrameText encode_frame(const Frame& frame) {
    return {encode_head(frame), encode_body(frame)};
}

Frame decode_frame(std::string_view head, std::string_view body) {
    BinaryReader reader{head};
    check_version(reader);
    Frame frame;
    std::int64_t state = 0;
    std::int64_t phase = 0;
    for (auto* number :
         {&frame.id,
          &frame.parent,
          &frame.index,
          &state,
          &phase,
          &frame.last,
          &frame.entered,
          &frame.retry_count}) {
        *number = reader.number();
    }
    if (state < 0 || phase < 0 || phase > static_cast<std::int64_t>(Phase::failed)) {
        corrupt("has a frame in an unknown phase");
    }
    frame.state = static_cast<asl::StateIndex>(state);
    frame.phase = static_cast<Phase>(phase);
    frame.entered_at = reader.time();
    frame.retries.resize(reader.count());
    for (auto& used : frame.retries) {
        used = reader.number();
    }
    frame.task = take_task(reader);
    frame.output = reader.payload();
    frame.error = reader.optional_text();
    frame.cause = reader.optional_text();
    for (auto* timer : {&frame.resume_at, &frame.times_out_at, &frame.beats_out_at}) {
        *timer = reader.optional_time();
    }
    if (reader.unsigned_number() == 0) {
        take_scope(reader, frame);
        return frame;
    }
    frame.fork = take_fork(reader);
    BinaryReader large{body};
    take_scope(large, frame);
    frame.fork->items = large.payload();
    frame.fork->input = large.unsigned_number() == 1 ? frame.input : large.payload();
    return frame;
}

std::string encode_execution(const Execution& execution) {
    std::string text{kVersion};
    BinaryWriter writer{text};
    for (const auto number :
         {static_cast<std::int64_t>(execution.status),
          execution.last_event,
          execution.next_frame,
          execution.next_task,
          execution.redrives,
          execution.variables_bytes}) {
        writer.number(number);
    }
    for (const auto& time : {execution.redriven_at, execution.ended, execution.times_out_at}) {
        writer.optional_time(time);
    }
    writer.payload(execution.output);
    writer.optional_text(execution.error);
    writer.optional_text(execution.cause);
    return text;
}

void decode_execution(std::string_view text, Execution& into) {
    BinaryReader reader{text};
    check_version(reader);
    std::int64_t status = 0;
    for (auto* number :
         {&status,
          &into.last_event,
          &into.next_frame,
          &into.next_task,
          &into.redrives,
          &into.variables_bytes}) {
        *number = reader.number();
    }
    if (status < 0 || status > static_cast<std::int64_t>(Status::pending_redrive)) {
        corrupt("has an unknown status");
    }
    into.status = static_cast<Status>(status);
    for (auto* time : {&into.redriven_at, &into.ended, &into.times_out_at}) {
        *time = reader.optional_time();
    }
    into.output = reader.payload();
    into.error = reader.optional_text();
    into.cause = reader.optional_text();
}

void link_frames(Execution& execution) {
    for (auto& [id, frame] : execution.frames) {
        if (id == kRootFrame) {
            frame.group = &execution.facts.machine->top;
        } else {
            const auto parent = execution.frames.find(frame.parent);
            // Parents have lower ids, so theirs is linked already.
            if (parent == execution.frames.end() || frame.parent >= id || !parent->second.fork) {
                corrupt("has a frame without its parent");
            }
            frame.group = child_group(parent->second, frame.index);
        }
        if (frame.group == nullptr || frame.state >= frame.group->states.size()) {
            corrupt("does not go with its definition");
        }
        if (frame.fork) {
            const auto& fork = *frame.fork;
            if (fork.begun < 0 || fork.total < fork.begun || fork.total > kMostChildren) {
                corrupt("has an impossible number of iterations");
            }
            frame.fork->results.assign(static_cast<std::size_t>(frame.fork->total), nullptr);
            frame.fork->children.assign(static_cast<std::size_t>(frame.fork->begun), kRootFrame);
        }
        if (frame.parent >= 0) {
            join(execution.frames.at(frame.parent), frame);
        }
    }
}

}  // namespace kiln::flow
