// ReceiveMessage.

#include "api/sqs/answers.hpp"
#include "api/sqs/operations.hpp"
#include "api/sqs/outgoing.hpp"
#include "queue/message_rules.hpp"

#include <atomic>

#include <fmt/format.h>

namespace kiln::api::sqs {

namespace {

/// A receive that waits, and whether its client is still there. Whichever of the two is known
/// second ends the waiting.
class Waiting {
  public:
    explicit Waiting(queue::Engine& engine) : engine_{engine} {}

    void has_begun(queue::ReceiveTicket ticket) {
        ticket_ = ticket.number;
        if (gone_) {
            engine_.cancel(ticket);
        }
    }

    void is_gone() {
        gone_ = true;
        if (const auto number = ticket_.load()) {
            engine_.cancel({number});
        }
    }

  private:
    queue::Engine& engine_;
    std::atomic<std::uint64_t> ticket_ = 0;  ///< 0: not begun
    std::atomic<bool> gone_ = false;
};

std::optional<std::chrono::seconds> seconds(const Number& number) {
    return number ? std::optional{std::chrono::seconds{*number}} : std::nullopt;
}

bool admit_ranges(const ReceiveMessage& request, Reply& reply) {
    if (request.attempt_id &&
        !admit(queue::refuse_token("ReceiveRequestAttemptId", *request.attempt_id), reply)) {
        return false;
    }
    return admit(
               queue::refuse_outside(
                   "MaxNumberOfMessages",
                   request.at_most.value_or(1),
                   1,
                   10,
                   "Must be between 1 and 10, if provided."
               ),
               reply
           ) &&
           admit(
               queue::refuse_outside(
                   "WaitTimeSeconds",
                   request.wait_seconds.value_or(0),
                   0,
                   20,
                   "Must be >= 0 and <= 20, if provided."
               ),
               reply
           ) &&
           admit(
               queue::refuse_outside(
                   "VisibilityTimeout",
                   request.visibility_timeout.value_or(0),
                   0,
                   43'200,
                   "Must be between 0 and 43200, if provided."
               ),
               reply
           );
}

}  // namespace

void receive_message(const Context& context, ReceiveMessage request, ReplyPtr reply) {
    const auto definition = definition_of(context, request.queue_url, *reply);
    if (definition == nullptr || !admit_ranges(request, *reply)) {
        return;
    }
    if (request.attempt_id && !definition->fifo) {
        return reply->fail(
            {ErrorCode::invalid_parameter_value,
             fmt::format(
                 "Value {} for parameter ReceiveRequestAttemptId is invalid. Reason: The request "
                 "include parameter that is not valid for this queue type.",
                 *request.attempt_id
             )}
        );
    }
    Wanted wanted{std::move(request.attribute_names), std::move(request.message_attribute_names)};
    for (auto& name : request.system_attribute_names) {
        wanted.system_attributes.push_back(std::move(name));
    }
    if (!admit(refuse_system_names(wanted.system_attributes), *reply)) {
        return;
    }
    queue::Receive receive;
    receive.queue = definition->name;
    receive.at_most = static_cast<int>(request.at_most.value_or(1));
    receive.wait = seconds(request.wait_seconds);
    receive.visibility = seconds(request.visibility_timeout);
    receive.attempt = std::move(request.attempt_id);
    const bool waits = receive.wait.value_or(definition->receive_wait).count() > 0;
    std::shared_ptr<Waiting> waiting;
    if (waits) {
        waiting = std::make_shared<Waiting>(context.engine);
        reply->on_gone([waiting] { waiting->is_gone(); });
    }
    const auto ticket = context.engine.receive(
        std::move(receive),
        [reply,
         place = context.place,
         wanted = std::move(wanted)](const queue::Outcome<std::vector<queue::Delivery>>& outcome) {
            if (const auto* const refusal = std::get_if<queue::Refusal>(&outcome)) {
                return reply->fail(*refusal);
            }
            MessagesAnswer answer;
            for (const auto& delivery : std::get<std::vector<queue::Delivery>>(outcome)) {
                answer.messages.push_back(show(place, delivery, wanted));
            }
            reply->succeed(std::move(answer));
        }
    );
    if (waiting != nullptr) {
        waiting->has_begun(ticket);
    }
}

}  // namespace kiln::api::sqs
