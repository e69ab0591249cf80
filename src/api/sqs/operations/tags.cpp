// ListQueueTags, TagQueue, UntagQueue.

#include "api/sqs/answers.hpp"
#include "api/sqs/operations.hpp"

namespace kiln::api::sqs {

void list_queue_tags(const Context& context, ListQueueTags request, ReplyPtr reply) {
    if (const auto definition = definition_of(context, request.queue_url, *reply)) {
        reply->succeed(TagsAnswer{{definition->tags.begin(), definition->tags.end()}});
    }
}

void tag_queue(const Context& context, TagQueue request, ReplyPtr reply) {
    auto name = queue_of(context, request.queue_url, *reply);
    if (!name) {
        return;
    }
    if (request.tags.empty()) {
        return reply->fail(missing("Tags"));
    }
    context.engine.update(
        std::move(*name),
        [added = queue::Tags(request.tags.begin(), request.tags.end())](
            const queue::QueueDefinition& definition
        ) -> queue::Outcome<queue::QueueDefinition> {
            auto tags = queue::add_tags(definition.name, definition.tags, added);
            if (auto* const refusal = std::get_if<queue::Refusal>(&tags)) {
                return std::move(*refusal);
            }
            auto changed = definition;
            changed.tags = std::move(std::get<queue::Tags>(tags));
            return changed;
        },
        answer_changed(reply)
    );
}

void untag_queue(const Context& context, UntagQueue request, ReplyPtr reply) {
    auto name = queue_of(context, request.queue_url, *reply);
    if (!name) {
        return;
    }
    if (request.keys.empty()) {
        return reply->fail(missing("TagKeys"));
    }
    context.engine.update(
        std::move(*name),
        [keys = std::move(request.keys)](const queue::QueueDefinition& definition
        ) -> queue::Outcome<queue::QueueDefinition> {
            auto changed = definition;
            for (const auto& key : keys) {
                changed.tags.erase(key);
            }
            return changed;
        },
        answer_changed(reply)
    );
}

}  // namespace kiln::api::sqs
