#include "queue/port_rules.hpp"

#include "ports/queue_rules.hpp"

#include <fmt/format.h>

namespace kiln::queue {

namespace {

ErrorKind kind_of(RefusalCode code, About about) {
    switch (code) {
        case RefusalCode::queue_does_not_exist:
        case RefusalCode::resource_not_found:
            return ErrorKind::not_found;
        case RefusalCode::queue_name_exists:
        case RefusalCode::queue_deleted_recently:
        case RefusalCode::message_not_inflight:
        case RefusalCode::purge_queue_in_progress:
            return ErrorKind::conflict;
        case RefusalCode::invalid_parameter_value:
            return about == About::receipt ? ErrorKind::conflict : ErrorKind::invalid;
        case RefusalCode::invalid_attribute_name:
        case RefusalCode::invalid_attribute_value:
        case RefusalCode::missing_parameter:
        case RefusalCode::invalid_message_contents:
        case RefusalCode::receipt_handle_is_invalid:
        case RefusalCode::unsupported_operation:
            return ErrorKind::invalid;
        case RefusalCode::over_limit:
            return ErrorKind::exhausted;
        case RefusalCode::throttled:
        case RefusalCode::unavailable:
            return ErrorKind::unavailable;
        case RefusalCode::corrupt:
            return ErrorKind::corrupt;
    }
    return ErrorKind::internal;
}

}  // namespace

QueueDefinition to_definition(const ports::QueueSpec& spec) {
    QueueDefinition definition;
    definition.name = spec.name;
    definition.visibility = spec.visibility;
    definition.delay = spec.delay;
    definition.retention = spec.retention;
    definition.tags = spec.tags;
    if (spec.dead_letters) {
        definition.redrive = RedrivePolicy{spec.dead_letters->queue, spec.dead_letters->receives};
    }
    if (ports::is_fifo(spec.name)) {
        definition.fifo = FifoSettings{.content_deduplication = spec.content_deduplication};
    }
    return definition;
}

NewMessage to_message(const ports::OutgoingMessage& message) {
    NewMessage wanted;
    wanted.body = message.body;
    wanted.attributes = message.attributes;
    wanted.delay = message.delay;
    if (!message.group.empty()) {
        wanted.group = message.group;
    }
    if (!message.deduplication.empty()) {
        wanted.deduplication = message.deduplication;
    }
    return wanted;
}

ports::ReceivedMessage to_received(const Delivery& delivery) {
    const auto& message = *delivery.message;
    return {
        .id = message.id,
        .receipt = delivery.receipt,
        .body = message.body,
        .attributes = message.attributes,
        .group = message.group.value_or(""),
        .receives = delivery.receives,
        .sent = message.sent,
    };
}

Error to_error(const Refusal& refusal, std::string_view queue, About about) {
    return Error{
        kind_of(refusal.code, about), fmt::format("queue '{}': {}", queue, refusal.message)};
}

}  // namespace kiln::queue
