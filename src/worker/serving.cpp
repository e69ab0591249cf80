#include "worker/serving.hpp"

#include "base/fault.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "worker/dead_letters.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace kiln::worker {

namespace {

using ports::BakeState;

/// A record that changes under our hands so often is somebody else's.
constexpr int kMostLooks = 10;

template <class... Cases>
struct Overload : Cases... {
    using Cases::operator()...;
};

/// What went wrong, as one of ours.
Error as_error(const std::exception& error) {
    if (const auto* ours = dynamic_cast<const Error*>(&error)) {
        return *ours;
    }
    if (const auto* files = dynamic_cast<const std::filesystem::filesystem_error*>(&error)) {
        return Error::from_errno(files->code().value(), files->path1().string());
    }
    return Error{ErrorKind::internal, error.what()};
}

}  // namespace

Serving::Serving(Bakery& bakery, LeaseKeeper& leases, ports::ReceivedMessage message)
    : bakery_{bakery},
      leases_{leases},
      queue_{bakery.queues(bakery.requests)},
      message_{std::move(message)},
      resource_{message_resource(bakery.requests, message_.receipt)},
      id_{bake_of(message_)} {
    bakery_.ledger.intend(job_, {resource_});
    fault_point("after:claim");
}

Serving::~Serving() {
    if (settled_) {
        return;
    }
    try {
        return_after(std::chrono::seconds{0});
    } catch (const std::exception& error) {
        log_warning(
            "a message is not given back; it comes back by itself",
            {{"bake", id_.str()}, {"error", error.what()}}
        );
        settle_ledger();
    }
}

void Serving::serve(const std::stop_token& abandon) {
    read_request();
    const auto deadline = request_ ? request_->deadline : std::chrono::seconds{0};
    const auto left = message_.sent + deadline - bakery_.clock.now();
    const auto visibility =
        visibility_for(std::min(std::chrono::ceil<std::chrono::seconds>(left), deadline));
    const auto extend = [this](std::chrono::seconds span) {
        queue_.extend(bakery_.requests.name, message_.receipt, span);
    };
    try {
        extend(visibility);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::conflict || error.kind() == ErrorKind::not_found) {
            settled_ = true;  // it ran out between the receive and now
            settle_ledger();
            return;
        }
        throw;
    }
    const auto lease = leases_.keep(visibility, extend, [this] {
        log_warning(
            "the message is somebody else's now: its bake ends here", {{"bake", id_.str()}}
        );
        lost_.request_stop();
    });
    const auto end = [this] { stop_.request_stop(); };
    const std::stop_callback on_abandon{abandon, end};
    const std::stop_callback on_lost{lost_.get_token(), end};
    serve_claimed();
}

void Serving::serve_claimed() {
    for (int looks = 0; looks < kMostLooks && !stop_.stop_requested(); ++looks) {
        switch (follow(judge_now(find_record()))) {
            case Next::over:
                remove();
                return;
            case Next::given_back:
                return;
            case Next::look_again:
                break;
        }
    }
    return_after(
        stop_.stop_requested() ? std::chrono::seconds{0}
                               : retry_delay(message_.receives, std::nullopt, random_jitter())
    );
}

void Serving::read_request() {
    try {
        request_ = worker::read_request(message_.body, bakery_.settings.defaults);
        reply_to_ = reply_queue(*request_);
        if (reply_to_) {
            (void)bakery_.queues(*reply_to_);
        }
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::invalid) {
            throw;
        }
        malformed_ = error;
        reply_to_ = reply_to_ ? std::nullopt : readable_reply_to(message_.body);
    }
}

ports::BakeRecord Serving::find_record() {
    try {
        return bakery_.bakes.get(id_);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found) {
            throw;
        }
    }
    // Sent by another program; or its sender died before it wrote the record.
    (void)bakery_.bakes.submit(queued_record(id_, bakery_.requests, message_.body, message_.sent));
    return bakery_.bakes.get(id_);
}

Verdict Serving::judge_now(const ports::BakeRecord& record) const {
    Delivery delivery;
    delivery.receives = message_.receives;
    delivery.sent = message_.sent;
    delivery.now = bakery_.clock.now();
    delivery.malformed = malformed_;
    if (request_) {
        delivery.deadline = request_->deadline;
    }
    delivery.state = record.state;
    delivery.attempt = record.attempt;
    delivery.last_result = record.result;
    return judge(delivery, {bakery_.settings.max_receives, bakery_.settings.min_time_left});
}

Serving::Next Serving::follow(const Verdict& verdict) {
    return std::visit(
        Overload{
            [&](const Settle&) { return settle(); },
            [&](const TellAgain&) {
                tell();
                return Next::over;
            },
            [&](const Refuse& refusal) { return refuse("check", refusal.error); },
            [&](const GiveUp& given_up) {
                give_up(given_up.error);
                return refuse("queue", given_up.error);
            },
            [&](const Bake& turn) { return bake(turn); },
        },
        verdict
    );
}

Serving::Next Serving::settle() {
    try {
        (void)bakery_.work.settle(id_, stop_.get_token());
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::cancelled) {
            throw;
        }
    }
    return Next::look_again;
}

Serving::Next Serving::refuse(std::string_view step, const Error& error) {
    const auto record = bakery_.bakes.get(id_);
    try {
        bake::refuse(
            bakery_.bakes,
            bakery_.clock,
            {id_, next_attempt(record.attempt, message_.receives)},
            step,
            error
        );
    } catch (const Error& other) {
        if (other.kind() != ErrorKind::conflict) {
            throw;
        }
    }
    return Next::look_again;  // it is over: its replies are told like any other's
}

Serving::Next Serving::bake(const Bake& turn) {
    const auto replies = sender(turn.attempt);
    bake::Submission submission;
    submission.id = id_;
    submission.attempt = turn.attempt;
    submission.queue = bakery_.requests.str();
    submission.time_left = turn.time_left;
    submission.stored = [&] {
        if (replies && !lost_.stop_requested()) {
            replies->wake();
        }
    };
    std::optional<ports::BakeRecord> record;
    try {
        record = bakery_.work.run(*request_, submission, stop_.get_token());
    } catch (const std::exception& error) {
        return after_error(turn, as_error(error));
    }
    fault_point("after:outcome");
    if (record->ended) {
        if (replies && !lost_.stop_requested()) {
            (void)replies->finish();
        }
        fault_point("after:replies");
        return Next::over;
    }
    return_after(
        stop_.stop_requested() ? std::chrono::seconds{0}
                               : retry_delay(message_.receives, std::nullopt, random_jitter())
    );
    return Next::given_back;
}

Serving::Next Serving::after_error(const Bake& turn, const Error& error) {
    const auto record = bakery_.bakes.get(id_);
    if (record.state == BakeState::running && record.attempt == turn.attempt) {
        // Ours: its end could not be written. Its holder, this process, lives: nobody else will.
        mark_with_patience(turn.attempt);
        return_after(retry_delay(message_.receives, error.retry_after(), random_jitter()));
        return Next::given_back;
    }
    if (record.ended || record.state == BakeState::running ||
        (error.kind() == ErrorKind::conflict && record.attempt >= turn.attempt)) {
        return Next::look_again;
    }
    if (stop_.stop_requested()) {
        return_after(std::chrono::seconds{0});
        return Next::given_back;
    }
    const bool lacked =
        error.kind() == ErrorKind::exhausted || error.kind() == ErrorKind::unavailable;
    if (lacked) {
        log_warning(
            "a bake could not begin, its request waits again",
            {{"bake", id_.str()}, {"error", error.what()}}
        );
        bakery_.bakes.note(id_, fmt::format("attempt {}: {}", turn.attempt, error.what()));
        return_after(retry_delay(message_.receives, error.retry_after(), random_jitter()));
        return Next::given_back;
    }
    malformed_ = error;  // refused at the door, now and ever
    return Next::look_again;
}

void Serving::mark_with_patience(std::int64_t attempt) {
    constexpr std::chrono::seconds kPatience{5};
    for (;;) {
        try {
            bake::mark_interrupted(bakery_.bakes, bakery_.clock, {id_, attempt});
            return;
        } catch (const Error& error) {
            log_warning(
                "the end of an attempt is not written, trying again",
                {{"bake", id_.str()}, {"error", error.what()}}
            );
            if (!bakery_.pause(kPatience, stop_.get_token())) {
                throw;  // this process ends: the next sweep marks it
            }
        }
    }
}

void Serving::give_up(const Error& error) {
    const auto name = dead_letters_of(bakery_.requests.name);
    try {
        send_dead_letter(queue_, name, message_, id_, error.message());
    } catch (const Error& missing) {
        if (missing.kind() != ErrorKind::not_found) {
            throw;
        }
        log_warning("there is no queue for dead letters", {{"queue", name}});
        bakery_.bakes.note(
            id_, fmt::format("there is no queue '{}': its request is not kept there", name)
        );
    }
    fault_point("after:dead-letter");
}

std::unique_ptr<ReplySender> Serving::sender(std::int64_t attempt) {
    if (!reply_to_) {
        return nullptr;
    }
    return std::make_unique<ReplySender>(
        bakery_.bakes, bakery_.queues(*reply_to_), *reply_to_, bakery_.pause, id_, attempt
    );
}

void Serving::tell() {
    if (const auto replies = sender(bakery_.bakes.get(id_).attempt)) {
        (void)replies->finish();
    }
}

void Serving::remove() {
    if (!lost_.stop_requested()) {
        queue_.remove(bakery_.requests.name, message_.receipt);
        fault_point("after:delete");
    }
    settled_ = true;
    settle_ledger();
}

void Serving::return_after(std::chrono::seconds delay) {
    if (!lost_.stop_requested()) {
        try {
            queue_.extend(bakery_.requests.name, message_.receipt, delay);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::conflict && error.kind() != ErrorKind::not_found) {
                throw;
            }
        }
    }
    settled_ = true;
    settle_ledger();
}

void Serving::settle_ledger() noexcept {
    try {
        bakery_.ledger.release_all(job_);
    } catch (const std::exception& error) {
        // Undone later, it gives back what is held no more: success.
        log_debug("message stays in the ledger", {{"error", error.what()}});
    }
}

}  // namespace kiln::worker
