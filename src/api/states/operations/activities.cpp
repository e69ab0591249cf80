// Activities, and tags of them and of state machines.

#include "api/states/operations.hpp"

namespace kiln::api::states {

void create_activity(const Context& context, const Input& input, ReplyPtr reply) {
    auto tags = tags_of(input, *reply);
    if (!tags) {
        return;
    }
    context.registry.create_activity(
        {input.text("name"), input.object("encryptionConfiguration"), *std::move(tags)},
        answer<machines::CreatedActivity>(
            std::move(reply),
            [](const machines::CreatedActivity& made) -> json::object {
                return {{"activityArn", made.arn}, {"creationDate", epoch_seconds(made.created)}};
            }
        )
    );
}

void describe_activity(const Context& context, const Input& input, ReplyPtr reply) {
    const auto found = context.registry.find_activity(input.text("activityArn"));
    if (const auto* const activity = admitted(found, *reply)) {
        reply->succeed(
            {{"activityArn", (*activity)->arn},
             {"name", (*activity)->name},
             {"creationDate", epoch_seconds((*activity)->created)},
             {"encryptionConfiguration", (*activity)->encryption}}
        );
    }
}

void delete_activity(const Context& context, const Input& input, ReplyPtr reply) {
    context.registry.delete_activity(input.text("activityArn"), answer_done(std::move(reply)));
}

void list_activities(const Context& context, const Input& input, ReplyPtr reply) {
    const auto page = page_of(context, input, *reply);
    if (!page) {
        return;
    }
    answer_page(
        context,
        *page,
        "activities",
        context.registry.activities(page->after, page->size + 1),
        [](const machines::ActivityPtr& activity) -> json::object {
            return {
                {"activityArn", activity->arn},
                {"name", activity->name},
                {"creationDate", epoch_seconds(activity->created)}};
        },
        [](const machines::ActivityPtr& activity) { return activity->name; },
        *reply
    );
}

void tag_resource(const Context& context, const Input& input, ReplyPtr reply) {
    if (auto tags = tags_of(input, *reply)) {
        context.registry.tag(
            input.text("resourceArn"), *std::move(tags), answer_done(std::move(reply))
        );
    }
}

void untag_resource(const Context& context, const Input& input, ReplyPtr reply) {
    context.registry.untag(
        input.text("resourceArn"), input.texts("tagKeys"), answer_done(std::move(reply))
    );
}

void list_tags_for_resource(const Context& context, const Input& input, ReplyPtr reply) {
    const auto found = context.registry.tags(input.text("resourceArn"));
    const auto* const tags = admitted(found, *reply);
    if (tags == nullptr) {
        return;
    }
    json::array shown;
    for (const auto& [key, value] : *tags) {
        shown.push_back({{"key", key}, {"value", value}});
    }
    reply->succeed({{"tags", std::move(shown)}});
}

}  // namespace kiln::api::states
