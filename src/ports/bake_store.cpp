#include "ports/bake_store.hpp"

#include "ports/queue_reference.hpp"

#include <fmt/format.h>

namespace kiln::ports {

std::string_view to_string(BakeState state) noexcept {
    switch (state) {
        case BakeState::queued:
            return "queued";
        case BakeState::running:
            return "running";
        case BakeState::succeeded:
            return "succeeded";
        case BakeState::failed:
            return "failed";
        case BakeState::cancelled:
            return "cancelled";
        case BakeState::interrupted:
            return "interrupted";
    }
    return "unknown";
}

BakeState bake_state(std::string_view word) {
    using enum BakeState;
    for (const auto state : {queued, running, succeeded, failed, cancelled, interrupted}) {
        if (to_string(state) == word) {
            return state;
        }
    }
    throw Error{ErrorKind::corrupt, fmt::format("a bake has an unknown state, '{}'", word)};
}

json::object to_json(const BakeId& bake, const BakeEvent& event) {
    return {
        {"bake", bake.str()},
        {"sequence", event.sequence},
        {"category", event.category},
        {"time", format_time(event.time)},
        {"step", event.step},
        {"message", event.message},
        {"data", event.data},
        {"final", event.final},
    };
}

json::object to_json(const BakeRecord& record) {
    json::object out{
        {"id", record.id.str()},
        {"name", record.name},
        {"state", to_string(record.state)},
        {"key", record.key},
        {"parent", record.parent.str()},
        {"image", nullptr},
        {"created", format_time(record.created)},
        {"ended", nullptr},
        {"attempt", record.attempt},
        {"queue", nullptr},
        {"same_as", nullptr},
        {"note", record.note},
        {"request", record.request},
        {"result", record.result},
    };
    if (!record.queue.empty()) {
        out["queue"] = parse_queue_reference(record.queue).shown();
    }
    if (record.same_as) {
        out["same_as"] = record.same_as->str();
    }
    if (record.image) {
        out["image"] = record.image->str();
    }
    if (record.ended) {
        out["ended"] = format_time(*record.ended);
    }
    return out;
}

std::string failure_reason(const json::value& result) {
    const auto* fields = result.if_object();
    const auto* error = fields != nullptr ? fields->if_contains("error") : nullptr;
    fields = error != nullptr ? error->if_object() : nullptr;
    const auto* reason = fields != nullptr ? fields->if_contains("reason") : nullptr;
    return reason != nullptr && reason->is_string() ? std::string{reason->get_string()}
                                                    : std::string{};
}

}  // namespace kiln::ports
