#include "flow/engine/slots.hpp"

namespace kiln::flow {

std::string counted_machine(std::string_view execution_arn) {
    for (const std::string_view kind : {":execution:", ":express:"}) {
        const auto at = execution_arn.find(kind);
        if (at == std::string_view::npos) {
            continue;
        }
        const auto rest = execution_arn.substr(at + kind.size());
        const auto name = rest.substr(0, rest.find(':'));
        if (name.find('/') != std::string_view::npos) {
            return {};
        }
        return std::string{execution_arn.substr(0, at)} + ":stateMachine:" + std::string{name};
    }
    return {};
}

Slot& Slots::add(ports::ExecutionNumber number, std::string arn) {
    auto& slot = slots_[number];
    slot.arn = std::move(arn);
    slot.number = number;
    by_arn_.emplace(slot.arn, &slot);
    count(slot, 1);
    return slot;
}

void Slots::remove(Slot& slot) {
    clear_marks(slot);
    forget(slot);
    count(slot, -1);
    by_arn_.erase(slot.arn);
    slots_.erase(slot.number);
}

void Slots::count(const Slot& slot, int by) {
    auto machine = counted_machine(slot.arn);
    if (machine.empty()) {
        return;
    }
    auto counts = counts_.lock();
    auto& open = (*counts)[machine];
    open += static_cast<std::size_t>(by);
    if (open == 0) {
        counts->erase(machine);
    }
}

std::size_t Slots::open_of(std::string_view machine) const {
    auto counts = counts_.lock();
    const auto found = counts->find(machine);
    return found == counts->end() ? 0 : found->second;
}

Slot* Slots::find(ports::ExecutionNumber number) {
    const auto found = slots_.find(number);
    return found == slots_.end() ? nullptr : &found->second;
}

Slot* Slots::find(std::string_view arn) {
    const auto found = by_arn_.find(arn);
    return found == by_arn_.end() ? nullptr : found->second;
}

void Slots::tidy(Slot& slot, Marks::iterator at) {
    if (!at->second.wakes && at->second.line == nullptr) {
        slot.marks.erase(at);
    }
}

void Slots::mark(Slot& slot, FrameId frame, std::optional<TimePoint> wakes) {
    const auto at = slot.marks.try_emplace(frame).first;
    if (at->second.wakes != wakes) {
        drop_timer(slot, frame, at->second);
        at->second.wakes = wakes;
        if (wakes) {
            timers_.add({*wakes, slot.number, frame});
        }
    }
    tidy(slot, at);
}

void Slots::enqueue(Slot& slot, FrameId frame, const std::string& activity, TimePoint since) {
    auto& mark = slot.marks[frame];
    drop_place(slot, frame, mark);
    mark.line = &lines_.at(activity);
    mark.since = since;
    lines_.add(*mark.line, {since, slot.number, frame});
}

void Slots::dequeue(Slot& slot, FrameId frame) {
    if (const auto at = slot.marks.find(frame); at != slot.marks.end()) {
        drop_place(slot, frame, at->second);
        tidy(slot, at);
    }
}

void Slots::unmark(Slot& slot, FrameId frame) {
    if (const auto at = slot.marks.find(frame); at != slot.marks.end()) {
        drop_timer(slot, frame, at->second);
        drop_place(slot, frame, at->second);
        slot.marks.erase(at);
    }
}

void Slots::clear_marks(Slot& slot) {
    while (!slot.marks.empty()) {
        unmark(slot, slot.marks.begin()->first);
    }
}

void Slots::drop_timer(Slot& slot, FrameId frame, Mark& mark) {
    if (mark.wakes) {
        timers_.remove({*mark.wakes, slot.number, frame});
        mark.wakes.reset();
    }
}

void Slots::drop_place(Slot& slot, FrameId frame, Mark& mark) {
    if (mark.line != nullptr) {
        lines_.remove(*mark.line, {mark.since, slot.number, frame});
        lines_.tidy(mark.line->arn);
        mark.line = nullptr;
    }
}

void Slots::keep(Slot& slot, std::unique_ptr<OpenExecution> open) {
    slot.open = std::move(open);
    slot.open->used = used_.insert(used_.begin(), slot.number);
    bytes_ += slot.open->bytes;
}

void Slots::forget(Slot& slot) {
    if (slot.open != nullptr) {
        bytes_ -= slot.open->bytes;
        used_.erase(slot.open->used);
        slot.open.reset();
    }
}

void Slots::refresh(Slot& slot) {
    used_.splice(used_.begin(), used_, slot.open->used);
}

void Slots::weigh(Slot& slot, std::size_t bytes_before) {
    bytes_ += slot.open->bytes;
    bytes_ -= bytes_before;
}

void Slots::shrink(std::size_t at_most_bytes) {
    auto at = used_.end();
    while (bytes_ > at_most_bytes && at != used_.begin()) {
        --at;
        auto& slot = slots_.at(*at);
        if (!slot.dirty && !slot.writing) {
            ++at;
            forget(slot);
        }
    }
}

}  // namespace kiln::flow
