#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The outbox: what is to be told to somebody outside, until it was, and for a while afterwards. A
/// row is written with what it tells of (in SQLite in the same transaction), and sent later.
namespace kiln::ports {

enum class NotificationState {
    waiting,  ///< is to be sent when it is due; may have been sent without our knowing
    sent,     ///< was taken by the other side
    failed,   ///< was given up
};

[[nodiscard]] std::string_view to_string(NotificationState state) noexcept;
/// @throws Error  invalid: not one of these words
[[nodiscard]] NotificationState parse_notification_state(std::string_view text);

struct NotificationRow {
    /// Of the event; the other side may know a repetition by it. Unique together with `channel`.
    std::string key;
    std::string channel;  ///< "slack", "mail", …
    std::string kind;     ///< of the event: "instance.started"
    std::string event;    ///< JSON; the notifier's
    TimePoint created;
    NotificationState state = NotificationState::waiting;
    TimePoint due;  ///< while it waits: when it is to be tried; while it is tried: when again
    std::int64_t attempts = 0;  ///< begun, one that goes on included
    std::string error;          ///< of the last attempt that failed
    std::optional<TimePoint> ended;

    bool operator==(const NotificationRow&) const = default;
};

struct NotificationFilter {
    std::optional<NotificationState> state;
    std::optional<std::string> channel;
    std::size_t limit = 100;  ///< the newest
};

/// Safe from several threads and processes.
class NotificationStore {
  public:
    virtual ~NotificationStore() = default;

    /// Durable on return. A row whose key and channel are there changes nothing.
    /// @throws Error  by the store, as all of these
    virtual void add(const std::vector<NotificationRow>& rows) = 0;

    struct Taken {
        std::optional<NotificationRow> row;  ///< with this attempt counted
        std::optional<TimePoint> next;       ///< none was due: when the first one is
    };

    /// The row of a channel that has been due for longest, which is now this caller's until
    /// `until`: then it is due again, unless it was settled.
    [[nodiscard]] virtual Taken take(
        const std::string& channel, TimePoint now, TimePoint until
    ) = 0;

    /// What became of the attempt that `take` began: state, due, error and ended of the row are
    /// `row`'s. @returns  false: another attempt has begun since, or the row is gone; unchanged
    virtual bool settle(const NotificationRow& row) = 0;

    /// Newest first.
    [[nodiscard]] virtual std::vector<NotificationRow> list(const NotificationFilter& filter) = 0;

    /// Those that ended before. @returns  how many
    virtual std::int64_t forget(TimePoint before) = 0;
};

}  // namespace kiln::ports
