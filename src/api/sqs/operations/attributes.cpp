// GetQueueAttributes, SetQueueAttributes, AddPermission, RemovePermission.

#include "api/sqs/answers.hpp"
#include "api/sqs/operations.hpp"
#include "queue/policy.hpp"

namespace kiln::api::sqs {

namespace {

void answer_attributes(
    const queue::Place& place,
    const queue::QueueDefinition& definition,
    const queue::Depths& depths,
    const std::vector<std::string>& names,
    Reply& reply
) {
    auto shown = queue::show_attributes(place, definition, depths, names);
    if (const auto* const refusal = std::get_if<queue::Refusal>(&shown)) {
        return reply.fail(*refusal);
    }
    AttributesAnswer answer;
    for (auto& [name, value] : std::get<queue::AttributeValues>(shown)) {
        answer.attributes.emplace_back(name, std::move(value));
    }
    reply.succeed(std::move(answer));
}

}  // namespace

void get_queue_attributes(const Context& context, GetQueueAttributes request, ReplyPtr reply) {
    auto definition = definition_of(context, request.queue_url, *reply);
    if (definition == nullptr) {
        return;
    }
    if (!queue::wants_depths(request.names)) {
        return answer_attributes(context.place, *definition, {}, request.names, *reply);
    }
    const auto name = definition->name;
    context.engine.depths(
        name,
        [place = context.place, definition, names = std::move(request.names), reply](
            const queue::Outcome<queue::Depths>& outcome
        ) {
            if (const auto* const refusal = std::get_if<queue::Refusal>(&outcome)) {
                return reply->fail(*refusal);
            }
            answer_attributes(place, *definition, std::get<queue::Depths>(outcome), names, *reply);
        }
    );
}

void set_queue_attributes(const Context& context, SetQueueAttributes request, ReplyPtr reply) {
    auto name = queue_of(context, request.queue_url, *reply);
    if (!name) {
        return;
    }
    if (request.attributes.empty()) {
        return reply->fail(missing("Attributes"));
    }
    context.engine.update(
        std::move(*name),
        [place = context.place,
         attributes = std::move(request.attributes)](const queue::QueueDefinition& definition) {
            return queue::change_attributes(place, definition, attributes);
        },
        answer_changed(reply)
    );
}

void add_permission(const Context& context, AddPermission request, ReplyPtr reply) {
    auto name = queue_of(context, request.queue_url, *reply);
    if (!name) {
        return;
    }
    context.engine.update(
        std::move(*name),
        [place = context.place,
         permission =
             queue::Permission{
                 request.label.value_or(""),
                 std::move(request.accounts),
                 std::move(request.actions)}](const queue::QueueDefinition& definition) {
            return queue::add_permission(place, definition, permission);
        },
        answer_changed(reply)
    );
}

void remove_permission(const Context& context, RemovePermission request, ReplyPtr reply) {
    auto name = queue_of(context, request.queue_url, *reply);
    if (!name) {
        return;
    }
    if (!request.label || request.label->empty()) {
        return reply->fail(missing("Label"));
    }
    context.engine.update(
        std::move(*name),
        [label = std::move(*request.label)](const queue::QueueDefinition& definition) {
            return queue::remove_permission(definition, label);
        },
        answer_changed(reply)
    );
}

}  // namespace kiln::api::sqs
