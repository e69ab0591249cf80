#include "worker/dead_letters.hpp"

#include "bake/submission.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"
#include "worker/delivery.hpp"
#include "worker/reply_sender.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include <fmt/format.h>

namespace kiln::worker {

namespace {

using ports::BakeState;

constexpr std::size_t kLongestReason = 500;
constexpr std::size_t kMostAtOnce = 1000;
/// Longer than a look takes: no letter is seen twice in one.
constexpr std::chrono::seconds kLook{300};

bool is_told(const ports::ReceivedMessage& letter) {
    return letter.attributes.contains(std::string{kReasonAttribute});
}

ports::BakeRecord find_record(Bakery& bakery, const ports::ReceivedMessage& letter) {
    const auto id = bake_of(letter);
    (void)bakery.bakes.submit(queued_record(id, bakery.requests, letter.body, letter.sent));
    return bakery.bakes.get(id);
}

void tell(Bakery& bakery, const ports::QueueReference& reply_to, const ports::BakeRecord& record) {
    try {
        ReplySender replies{
            bakery.bakes,
            bakery.queues(reply_to),
            reply_to,
            bakery.pause,
            record.id,
            record.attempt};
        (void)replies.finish();
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::invalid) {  // no driver for such a queue
            throw;
        }
    }
}

/// @returns  false when somebody is at work on it: left alone
bool report(Bakery& bakery, const std::string& dead, const ports::ReceivedMessage& letter) {
    auto record = find_record(bakery, letter);
    if (record.state == BakeState::running) {
        return false;
    }
    auto& queue = bakery.queues(bakery.requests);
    if (record.state == BakeState::queued) {
        const std::string why =
            "the request was given up: its bakers ended before they could say why";
        send_dead_letter(queue, dead, letter, record.id, why);
        bake::refuse(
            bakery.bakes,
            bakery.clock,
            {record.id, next_attempt(record.attempt, letter.receives)},
            "queue",
            Error{ErrorKind::unavailable, why}.hint(fmt::format("it lies in the queue '{}'", dead))
        );
        record = bakery.bakes.get(record.id);
    }
    if (const auto reply_to = readable_reply_to(letter.body)) {
        tell(bakery, *reply_to, record);
    }
    queue.remove(dead, letter.receipt);
    return true;
}

}  // namespace

void send_dead_letter(
    ports::MessageQueue& queue,
    const std::string& dead_letters,
    const ports::ReceivedMessage& message,
    const BakeId& bake,
    const std::string& why
) {
    ports::OutgoingMessage letter;
    letter.body = message.body;
    letter.attributes[std::string{kWasAttribute}] = {"String", bake.str()};
    letter.attributes[std::string{kReasonAttribute}] = {
        "String", to_utf8(std::string_view{why}.substr(0, kLongestReason))};
    if (dead_letters.ends_with(".fifo")) {
        letter.group = bake.str();
        letter.deduplication = message.id;
    }
    (void)queue.send(dead_letters, {letter});
}

namespace {

/// A consumer that received it in time is given this much more to say so.
constexpr std::chrono::minutes kGrace{15};
constexpr std::size_t kMostWaiting = 10'000;
constexpr std::int64_t kWeek = 604'800;  ///< a request's longest deadline, in seconds

/// As its message has it: nobody may have checked it yet.
std::chrono::seconds deadline_of(const ports::BakeRecord& record, const RequestDefaults& defaults) {
    const auto* request = record.request.if_object();
    const auto* given = request != nullptr ? request->if_contains("deadline_seconds") : nullptr;
    return given != nullptr && given->is_int64()
               ? std::chrono::seconds{std::clamp<std::int64_t>(given->get_int64(), 0, kWeek)}
               : defaults.deadline;
}

}  // namespace

std::size_t expire_waiting(Bakery& bakery) {
    ports::BakeFilter waiting;
    waiting.state = BakeState::queued;
    waiting.limit = kMostWaiting;
    const auto now = bakery.clock.now();
    std::size_t ended = 0;
    for (const auto& record : bakery.bakes.list(waiting)) {
        const auto deadline = deadline_of(record, bakery.settings.defaults);
        if (now < record.created + deadline + kGrace) {
            continue;
        }
        try {
            bake::refuse(
                bakery.bakes,
                bakery.clock,
                {record.id, record.attempt + 1},
                "queue",
                Error{
                    ErrorKind::timed_out,
                    fmt::format(
                        "its deadline of {} s passed while it waited in a queue", deadline.count()
                    )}
            );
            ++ended;
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::conflict && error.kind() != ErrorKind::not_found) {
                throw;
            }
        }
    }
    return ended;
}

std::size_t report_dead_letters(Bakery& bakery, const std::stop_token& stop) {
    auto& queue = bakery.queues(bakery.requests);
    const auto dead = dead_letters_of(bakery.requests.name);
    std::vector<std::string> to_show_again;
    std::size_t told = 0;
    for (std::size_t seen = 0; seen < kMostAtOnce && !stop.stop_requested();) {
        const auto letters = queue.receive(
            dead, {.at_most = 10, .wait = std::chrono::seconds{0}, .visibility = kLook}, stop
        );
        if (letters.empty()) {
            break;
        }
        for (const auto& letter : letters) {
            ++seen;
            if (!is_told(letter) && report(bakery, dead, letter)) {
                ++told;
            } else {
                to_show_again.push_back(letter.receipt);
            }
        }
    }
    for (const auto& receipt : to_show_again) {
        try {
            queue.extend(dead, receipt, std::chrono::seconds{0});
        } catch (const Error& error) {
            log_debug("dead letter", {{"queue", dead}, {"error", error.what()}});
        }
    }
    return told;
}

}  // namespace kiln::worker
