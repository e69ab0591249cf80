// DeleteMessage, ChangeMessageVisibility, and both in batches.

#include "api/sqs/answers.hpp"
#include "api/sqs/batch.hpp"
#include "api/sqs/operations.hpp"
#include "queue/message_rules.hpp"

namespace kiln::api::sqs {

namespace {

using Outcomes = std::vector<queue::Outcome<queue::Done>>;
using DoneBatch = BatchAnswer<DoneEntry>;

queue::Callback<Outcomes> answer_one(ReplyPtr reply) {
    return [reply = std::move(reply)](const queue::Outcome<Outcomes>& outcome) {
        const auto* refusal = std::get_if<queue::Refusal>(&outcome);
        if (refusal == nullptr) {
            refusal = std::get_if<queue::Refusal>(&std::get<Outcomes>(outcome).front());
        }
        if (refusal != nullptr) {
            reply->fail(*refusal);
        } else {
            reply->succeed(Nothing{});
        }
    };
}

/// A batch's entries: `sent` are given to the engine, the others have failed already.
struct Entries {
    std::string_view item;
    std::vector<std::string> sent;
    std::vector<FailedEntry> failed;

    void fail(std::string id, const Failure& failure) {
        failed.push_back(failed_entry(std::move(id), failure));
    }

    /// Answers at once when nothing was sent.
    bool none_sent(Reply& reply) {
        if (sent.empty()) {
            reply.succeed(DoneBatch{Item{item}, {}, std::move(failed)});
            return true;
        }
        return false;
    }
};

queue::Callback<Outcomes> answer_batch(ReplyPtr reply, Entries entries) {
    return [reply = std::move(reply),
            entries = std::move(entries)](const queue::Outcome<Outcomes>& outcome) {
        if (const auto* const refusal = std::get_if<queue::Refusal>(&outcome)) {
            return reply->fail(*refusal);
        }
        DoneBatch answer{Item{entries.item}, {}, entries.failed};
        const auto& outcomes = std::get<Outcomes>(outcome);
        for (std::size_t i = 0; i < outcomes.size(); ++i) {
            const auto& id = entries.sent[i];
            if (const auto* const refusal = std::get_if<queue::Refusal>(&outcomes[i])) {
                answer.failed.push_back(failed_entry(id, failure_of(*refusal)));
            } else {
                answer.successful.push_back({id});
            }
        }
        reply->succeed(std::move(answer));
    };
}

std::optional<Failure> refuse_receipt(const Text& receipt) {
    return receipt && !receipt->empty() ? std::nullopt : std::optional{missing("ReceiptHandle")};
}

std::optional<Failure> refuse_change(const Text& receipt, const Number& timeout) {
    if (auto failure = refuse_receipt(receipt)) {
        return failure;
    }
    if (!timeout) {
        return missing("VisibilityTimeout");
    }
    const auto refusal = queue::refuse_outside(
        "VisibilityTimeout",
        *timeout,
        0,
        43'200,
        "VisibilityTimeout must be an integer between 0 and 43200."
    );
    return refusal ? std::optional{failure_of(*refusal)} : std::nullopt;
}

}  // namespace

void delete_message(const Context& context, DeleteMessage request, ReplyPtr reply) {
    auto name = queue_of(context, request.queue_url, *reply);
    if (!name) {
        return;
    }
    if (const auto failure = refuse_receipt(request.receipt_handle)) {
        return reply->fail(*failure);
    }
    context.engine.remove(
        std::move(*name), {std::move(*request.receipt_handle)}, answer_one(std::move(reply))
    );
}

void delete_message_batch(const Context& context, DeleteMessageBatch request, ReplyPtr reply) {
    auto name = queue_of(context, request.queue_url, *reply);
    if (!name) {
        return;
    }
    if (const auto failure = refuse_batch(DeleteMessageBatch::kName, request.entries)) {
        return reply->fail(*failure);
    }
    Entries entries{"DeleteMessageBatchResultEntry", {}, {}};
    std::vector<std::string> receipts;
    for (auto& entry : request.entries) {
        if (const auto failure = refuse_receipt(entry.receipt_handle)) {
            entries.fail(std::move(*entry.id), *failure);
        } else {
            entries.sent.push_back(std::move(*entry.id));
            receipts.push_back(std::move(*entry.receipt_handle));
        }
    }
    if (!entries.none_sent(*reply)) {
        context.engine.remove(
            std::move(*name),
            std::move(receipts),
            answer_batch(std::move(reply), std::move(entries))
        );
    }
}

void change_message_visibility(
    const Context& context, ChangeMessageVisibility request, ReplyPtr reply
) {
    auto name = queue_of(context, request.queue_url, *reply);
    if (!name) {
        return;
    }
    if (const auto failure = refuse_change(request.receipt_handle, request.visibility_timeout)) {
        return reply->fail(*failure);
    }
    context.engine.change_visibility(
        std::move(*name),
        {{std::move(*request.receipt_handle), std::chrono::seconds{*request.visibility_timeout}}},
        queue::DeliveryMatch::any,
        answer_one(std::move(reply))
    );
}

void change_message_visibility_batch(
    const Context& context, ChangeMessageVisibilityBatch request, ReplyPtr reply
) {
    auto name = queue_of(context, request.queue_url, *reply);
    if (!name) {
        return;
    }
    if (const auto failure = refuse_batch(ChangeMessageVisibilityBatch::kName, request.entries)) {
        return reply->fail(*failure);
    }
    Entries entries{"ChangeMessageVisibilityBatchResultEntry", {}, {}};
    std::vector<queue::VisibilityChange> changes;
    for (auto& entry : request.entries) {
        if (const auto failure = refuse_change(entry.receipt_handle, entry.visibility_timeout)) {
            entries.fail(std::move(*entry.id), *failure);
        } else {
            entries.sent.push_back(std::move(*entry.id));
            changes.push_back(
                {std::move(*entry.receipt_handle), std::chrono::seconds{*entry.visibility_timeout}}
            );
        }
    }
    if (!entries.none_sent(*reply)) {
        context.engine.change_visibility(
            std::move(*name),
            std::move(changes),
            queue::DeliveryMatch::any,
            answer_batch(std::move(reply), std::move(entries))
        );
    }
}

}  // namespace kiln::api::sqs
