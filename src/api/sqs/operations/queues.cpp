// CreateQueue, DeleteQueue, GetQueueUrl, ListQueues, ListDeadLetterSourceQueues, PurgeQueue.

#include "api/sqs/answers.hpp"
#include "api/sqs/operations.hpp"
#include "queue/message_rules.hpp"

namespace kiln::api::sqs {

namespace {

constexpr std::int64_t kLongestPage = 1000;

/// Where a page begins and how long it is; answers what is wrong with either.
struct PageRequest {
    std::string after;
    std::size_t at_most = kLongestPage;
};

std::optional<PageRequest> page_of(const Text& token, const Number& at_most, Reply& reply) {
    const auto size = at_most.value_or(kLongestPage);
    if (!admit(
            queue::refuse_outside(
                "MaxResults",
                size,
                1,
                kLongestPage,
                "MaxResults must be an integer between 1 and 1000."
            ),
            reply
        )) {
        return std::nullopt;
    }
    auto after = page_start(token);
    if (!after) {
        reply.fail({ErrorCode::invalid_parameter_value, "Invalid or expired next token."});
        return std::nullopt;
    }
    return PageRequest{std::move(*after), static_cast<std::size_t>(size)};
}

template <class Answer>
Answer show(const Context& context, const queue::NamePage& page) {
    Answer answer;
    for (const auto& name : page.names) {
        answer.queue_urls.push_back(queue_url(context.base_url, context.place, name));
    }
    if (page.more) {
        answer.next_token = page_token(*page.more);
    }
    return answer;
}

}  // namespace

void create_queue(const Context& context, CreateQueue request, ReplyPtr reply) {
    if (!request.name) {
        return reply->fail(missing("QueueName"));
    }
    const queue::Tags tags(request.tags.begin(), request.tags.end());
    auto tagged = queue::add_tags(*request.name, {}, tags);
    if (const auto* const refusal = std::get_if<queue::Refusal>(&tagged)) {
        return reply->fail(*refusal);
    }
    auto wanted = queue::define_queue(context.place, *request.name, request.attributes);
    if (const auto* const refusal = std::get_if<queue::Refusal>(&wanted)) {
        return reply->fail(*refusal);
    }
    auto& fresh = std::get<queue::NewQueue>(wanted);
    fresh.definition.tags = std::move(std::get<queue::Tags>(tagged));
    auto url = queue_url(context.base_url, context.place, *request.name);
    context.engine.create(
        std::move(fresh.definition),
        std::move(fresh.given),
        [reply, url = std::move(url)](const queue::Outcome<queue::DefinitionPtr>& outcome) {
            if (const auto* const refusal = std::get_if<queue::Refusal>(&outcome)) {
                return reply->fail(*refusal);
            }
            reply->succeed(QueueUrlAnswer{url});
        }
    );
}

void delete_queue(const Context& context, DeleteQueue request, ReplyPtr reply) {
    if (auto name = queue_of(context, request.queue_url, *reply)) {
        context.engine.destroy(std::move(*name), answer_done(reply));
    }
}

void purge_queue(const Context& context, PurgeQueue request, ReplyPtr reply) {
    if (auto name = queue_of(context, request.queue_url, *reply)) {
        context.engine.purge(std::move(*name), answer_done(reply));
    }
}

void get_queue_url(const Context& context, GetQueueUrl request, ReplyPtr reply) {
    if (!request.name || request.name->empty()) {
        return reply->fail(missing("QueueName"));
    }
    const bool ours = !request.owner || *request.owner == context.place.account;
    if (!ours || context.engine.find(*request.name) == nullptr) {
        return reply->fail({ErrorCode::queue_does_not_exist, "The specified queue does not exist."}
        );
    }
    reply->succeed(QueueUrlAnswer{queue_url(context.base_url, context.place, *request.name)});
}

void list_queues(const Context& context, ListQueues request, ReplyPtr reply) {
    if (const auto page = page_of(request.next_token, request.max_results, *reply)) {
        const auto prefix = request.prefix.value_or("");
        const auto names = context.engine.list(prefix, page->after, page->at_most);
        reply->succeed(show<QueueUrlsAnswer>(context, names));
    }
}

void list_dead_letter_source_queues(
    const Context& context, ListDeadLetterSourceQueues request, ReplyPtr reply
) {
    const auto target = definition_of(context, request.queue_url, *reply);
    if (target == nullptr) {
        return;
    }
    if (const auto page = page_of(request.next_token, request.max_results, *reply)) {
        const auto names =
            context.engine.dead_letter_sources(target->name, page->after, page->at_most);
        reply->succeed(show<SourceQueuesAnswer>(context, names));
    }
}

}  // namespace kiln::api::sqs
