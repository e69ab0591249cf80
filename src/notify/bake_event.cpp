#include "notify/bake_event.hpp"

#include <fmt/format.h>

namespace kiln::notify {

namespace {

std::optional<Kind> kind_of(ports::BakeState state) {
    switch (state) {
        case ports::BakeState::running:
            return Kind::work_started;
        case ports::BakeState::succeeded:
            return Kind::work_succeeded;
        case ports::BakeState::failed:
            return Kind::work_failed;
        case ports::BakeState::queued:
        case ports::BakeState::cancelled:
        case ports::BakeState::interrupted:
            return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Event> bake_event(const ports::BakeRecord& record) {
    const auto kind = kind_of(record.state);
    if (!kind) {
        return std::nullopt;
    }
    Event event;
    event.kind = *kind;
    event.key = fmt::format("{}/{}/{}", record.id.str(), record.attempt, to_string(*kind));
    event.time = record.ended.value_or(record.created);
    event.work = "bake";
    event.name = record.name;
    event.link = "kiln bake show " + record.id.str();
    event.error = *kind == Kind::work_failed ? ports::failure_reason(record.result) : "";
    return event;
}

}  // namespace kiln::notify
