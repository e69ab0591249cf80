// SendMessage, SendMessageBatch.

#include "api/sqs/answers.hpp"
#include "api/sqs/batch.hpp"
#include "api/sqs/incoming.hpp"
#include "api/sqs/operations.hpp"
#include "queue/message_rules.hpp"

#include <utility>

#include <fmt/format.h>

namespace kiln::api::sqs {

namespace {

using SentBatch = BatchAnswer<SentAnswer>;

/// What is known of an entry before it is sent: its sums, or why it is not.
struct BatchEntry {
    std::string id;
    std::variant<Digests, Failure> fate;
};

SentAnswer sent_answer(const queue::Sent& sent, Digests digests) {
    SentAnswer answer;
    answer.message_id = sent.id;
    answer.body_md5 = std::move(digests.body);
    answer.attributes_md5 = std::move(digests.attributes);
    answer.system_attributes_md5 = std::move(digests.system_attributes);
    if (sent.sequence) {
        answer.sequence_number = shown_sequence(*sent.sequence);
    }
    return answer;
}

/// Entries and what became of those that were sent, in order.
SentBatch batch_answer(std::vector<BatchEntry> entries, const queue::SendOutcomes& outcomes) {
    SentBatch answer{Item{"SendMessageBatchResultEntry"}, {}, {}};
    auto outcome = outcomes.begin();
    for (auto& entry : entries) {
        if (const auto* const failure = std::get_if<Failure>(&entry.fate)) {
            answer.failed.push_back(failed_entry(std::move(entry.id), *failure));
            continue;
        }
        if (const auto* const refusal = std::get_if<queue::Refusal>(&*outcome)) {
            answer.failed.push_back(failed_entry(std::move(entry.id), failure_of(*refusal)));
        } else {
            auto sent = sent_answer(
                std::get<queue::Sent>(*outcome), std::move(std::get<Digests>(entry.fate))
            );
            sent.entry_id = std::move(entry.id);
            answer.successful.push_back(std::move(sent));
        }
        ++outcome;
    }
    return answer;
}

/// In a batch AWS says it in other words.
Failure entry_failure(const queue::Refusal& refusal) {
    auto failure = failure_of(refusal);
    constexpr std::string_view kAlone = "One or more parameters are invalid.";
    if (failure.message.starts_with(kAlone)) {
        failure.message =
            "One or more parameters cannot be validated." + failure.message.substr(kAlone.size());
    }
    return failure;
}

/// What is wrong with the batch as a whole, once its messages are known.
std::optional<Failure> refuse_messages(
    const queue::QueueDefinition& definition, const std::vector<IncomingMessage>& messages
) {
    std::int64_t bytes = 0;
    for (const auto& each : messages) {
        bytes += queue::size_of(each.message);
    }
    if (bytes > queue::kMostMessageBytes) {
        return Failure{
            ErrorCode::batch_request_too_long,
            fmt::format(
                "Batch requests cannot be longer than {} bytes. You have sent {} bytes.",
                queue::kMostMessageBytes,
                bytes
            )};
    }
    for (const auto& each : messages) {
        if (auto refusal = queue::refuse_placement(definition, each.message)) {
            return Failure{ErrorCode::invalid_parameter_value, std::move(refusal->message)};
        }
    }
    return std::nullopt;
}

}  // namespace

void send_message(const Context& context, SendMessage request, ReplyPtr reply) {
    const auto definition = definition_of(context, request.queue_url, *reply);
    if (definition == nullptr) {
        return;
    }
    auto incoming = read_message(context, std::move(request.message));
    const auto& message = incoming.message;
    if (incoming.failure) {
        return reply->fail(*incoming.failure);
    }
    if (!admit(queue::refuse_message(*definition, message), *reply) ||
        !admit(queue::refuse_placement(*definition, message), *reply)) {
        return;
    }
    auto digests = digest(incoming);
    std::vector<queue::NewMessage> messages;
    messages.push_back(std::move(incoming.message));
    context.engine.send(
        definition->name,
        std::move(messages),
        [reply, digests = std::move(digests)](const queue::Outcome<queue::SendOutcomes>& outcome) {
            if (const auto* const refusal = std::get_if<queue::Refusal>(&outcome)) {
                return reply->fail(*refusal);
            }
            const auto& sent = std::get<queue::SendOutcomes>(outcome).front();
            if (const auto* const refusal = std::get_if<queue::Refusal>(&sent)) {
                return reply->fail(*refusal);
            }
            reply->succeed(sent_answer(std::get<queue::Sent>(sent), digests));
        }
    );
}

void send_message_batch(const Context& context, SendMessageBatch request, ReplyPtr reply) {
    const auto definition = definition_of(context, request.queue_url, *reply);
    if (definition == nullptr) {
        return;
    }
    if (const auto failure = refuse_batch(SendMessageBatch::kName, request.entries)) {
        return reply->fail(*failure);
    }
    std::vector<IncomingMessage> incoming;
    for (auto& entry : request.entries) {
        if (!entry.message.body) {
            return reply->fail(missing("MessageBody"));
        }
        incoming.push_back(read_message(context, std::move(entry.message)));
    }
    if (const auto failure = refuse_messages(*definition, incoming)) {
        return reply->fail(*failure);
    }
    std::vector<BatchEntry> entries;
    std::vector<queue::NewMessage> messages;
    for (std::size_t i = 0; i < incoming.size(); ++i) {
        auto& each = incoming[i];
        auto& id = *request.entries[i].id;
        if (each.failure) {
            entries.push_back({std::move(id), std::move(*each.failure)});
        } else if (const auto refusal = queue::refuse_message(*definition, each.message)) {
            entries.push_back({std::move(id), entry_failure(*refusal)});
        } else {
            entries.push_back({std::move(id), digest(each)});
            messages.push_back(std::move(each.message));
        }
    }
    if (messages.empty()) {
        return reply->succeed(batch_answer(std::move(entries), {}));
    }
    context.engine.send(
        definition->name,
        std::move(messages),
        [reply,
         entries = std::move(entries)](const queue::Outcome<queue::SendOutcomes>& outcome) mutable {
            if (const auto* const refusal = std::get_if<queue::Refusal>(&outcome)) {
                return reply->fail(*refusal);
            }
            reply->succeed(batch_answer(std::move(entries), std::get<queue::SendOutcomes>(outcome))
            );
        }
    );
}

}  // namespace kiln::api::sqs
