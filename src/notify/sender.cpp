#include "notify/sender.hpp"

#include "base/fault.hpp"
#include "base/log.hpp"

namespace kiln::notify {

namespace {

/// How much longer than an attempt may take its row is this sender's.
constexpr Duration kMargin = std::chrono::seconds{30};

void log(const ports::NotificationRow& row) {
    if (row.state == ports::NotificationState::sent) {
        log_debug("notification sent", {{"channel", row.channel}, {"key", row.key}});
    } else if (row.state == ports::NotificationState::failed) {
        log_error(
            "notification given up; kiln notify list",
            {{"channel", row.channel},
             {"key", row.key},
             {"kind", row.kind},
             {"attempts", std::to_string(row.attempts)},
             {"error", row.error}}
        );
    } else {
        log_warning(
            "notification not sent, tried again later",
            {{"channel", row.channel},
             {"key", row.key},
             {"again", format_time(row.due)},
             {"error", row.error}}
        );
    }
}

}  // namespace

std::optional<Error> Sender::attempt(
    const ports::NotificationRow& row, const std::stop_token& stop
) {
    if (row.attempts > world_.policy.attempts) {
        return Error{ErrorKind::internal, "whoever tried to send it died, each time"};
    }
    try {
        auto event = read_event(row.event);
        event.key = row.key;
        world_.channel.send(event, stop, Deadline::after(world_.limit));
        return std::nullopt;
    } catch (const Error& error) {
        return error;
    } catch (const std::exception& error) {  // a notification never ends its sender
        return Error{ErrorKind::internal, error.what()};
    }
}

Sender::Step Sender::step(const std::stop_token& stop) {
    const auto now = world_.clock.now();
    const std::string channel{world_.channel.name()};
    auto taken = world_.store.take(channel, now, now + world_.limit + kMargin);
    if (!taken.row) {
        return {Did::nothing, taken.next};
    }
    fault_point("notify:taken");
    const auto error = attempt(*taken.row, stop);
    fault_point("notify:sent");
    const auto ended = world_.clock.now();
    if (error && error->kind() == ErrorKind::cancelled) {
        taken.row->due = ended;
        world_.store.settle(*taken.row);
        return {Did::failed, std::nullopt};
    }
    const auto row = error
                         ? after_failure(*taken.row, *error, ended, world_.jitter(), world_.policy)
                         : after_success(*taken.row, ended);
    if (world_.store.settle(row)) {
        log(row);
    }
    // A row that will never be taken says nothing of the next one.
    const bool lane_fails = row.state == ports::NotificationState::waiting;
    return {lane_fails ? Did::failed : Did::sent, std::nullopt};
}

}  // namespace kiln::notify
