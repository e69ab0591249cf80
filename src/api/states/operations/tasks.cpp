// What workers call: tasks taken, and reported by their tokens.

#include "api/states/operations.hpp"

#include <atomic>

namespace kiln::api::states {

namespace {

constexpr std::chrono::seconds kLongPoll{60};

/// A poll that waits, and whether its client is still there. Whichever of the two is known second
/// ends the waiting.
class Waiting {
  public:
    explicit Waiting(flow::Engine& engine) : engine_{engine} {}

    void has_begun(flow::PollTicket ticket) {
        ticket_ = ticket;
        if (gone_) {
            engine_.cancel(ticket);
        }
    }

    void is_gone() {
        gone_ = true;
        if (const auto ticket = ticket_.load()) {
            engine_.cancel(ticket);
        }
    }

  private:
    flow::Engine& engine_;
    std::atomic<flow::PollTicket> ticket_ = 0;  ///< 0: not begun
    std::atomic<bool> gone_ = false;
};

json::object show(const flow::ActivityTask& task) {
    if (task.token.empty()) {
        return {{"taskToken", nullptr}};
    }
    return {{"taskToken", task.token}, {"input", task.input}};
}

}  // namespace

void get_activity_task(const Context& context, const Input& input, ReplyPtr reply) {
    const auto arn = input.text("activityArn");
    if (admitted(context.registry.find_activity(arn), *reply) == nullptr) {
        return;
    }
    const auto waiting = std::make_shared<Waiting>(context.engine);
    reply->on_gone([waiting] { waiting->is_gone(); });
    waiting->has_begun(context.engine.take_task(
        arn,
        input.maybe_text("workerName").value_or(""),
        kLongPoll,
        answer<flow::ActivityTask>(std::move(reply), show)
    ));
}

void send_task_success(const Context& context, const Input& input, ReplyPtr reply) {
    context.engine.task_succeeded(
        input.text("taskToken"), input.text("output"), answer_done(std::move(reply))
    );
}

void send_task_failure(const Context& context, const Input& input, ReplyPtr reply) {
    context.engine.task_failed(
        input.text("taskToken"),
        input.maybe_text("error"),
        input.maybe_text("cause"),
        answer_done(std::move(reply))
    );
}

void send_task_heartbeat(const Context& context, const Input& input, ReplyPtr reply) {
    context.engine.task_heartbeat(input.text("taskToken"), answer_done(std::move(reply)));
}

}  // namespace kiln::api::states
