#include "ports/testing/memory_notification_store.hpp"

#include <algorithm>

namespace kiln::ports::testing {

namespace {

NotificationRow* find(std::vector<NotificationRow>& rows, const NotificationRow& wanted) {
    const auto at = std::find_if(rows.begin(), rows.end(), [&](const NotificationRow& row) {
        return row.key == wanted.key && row.channel == wanted.channel;
    });
    return at == rows.end() ? nullptr : &*at;
}

}  // namespace

void MemoryNotificationStore::add(const std::vector<NotificationRow>& added) {
    auto rows = rows_.lock();
    for (const auto& row : added) {
        if (find(*rows, row) == nullptr) {
            rows->push_back(row);
        }
    }
}

NotificationStore::Taken MemoryNotificationStore::take(
    const std::string& channel, TimePoint now, TimePoint until
) {
    auto rows = rows_.lock();
    NotificationRow* first = nullptr;
    for (auto& row : *rows) {
        const bool waits = row.channel == channel && row.state == NotificationState::waiting;
        if (waits && (first == nullptr || row.due < first->due)) {
            first = &row;
        }
    }
    if (first == nullptr) {
        return {};
    }
    if (first->due > now) {
        return {std::nullopt, first->due};
    }
    ++first->attempts;
    first->due = until;
    return {*first, std::nullopt};
}

bool MemoryNotificationStore::settle(const NotificationRow& settled) {
    auto rows = rows_.lock();
    auto* row = find(*rows, settled);
    if (row == nullptr || row->attempts != settled.attempts ||
        row->state != NotificationState::waiting) {
        return false;
    }
    row->state = settled.state;
    row->due = settled.due;
    row->error = settled.error;
    row->ended = settled.ended;
    return true;
}

std::vector<NotificationRow> MemoryNotificationStore::list(const NotificationFilter& filter) {
    auto rows = rows_.lock();
    std::vector<NotificationRow> found;
    for (auto row = rows->rbegin(); row != rows->rend(); ++row) {
        const bool fits = (!filter.state || row->state == *filter.state) &&
                          (!filter.channel || row->channel == *filter.channel);
        if (fits && found.size() < filter.limit) {
            found.push_back(*row);
        }
    }
    return found;
}

std::int64_t MemoryNotificationStore::forget(TimePoint before) {
    auto rows = rows_.lock();
    return static_cast<std::int64_t>(std::erase_if(*rows, [&](const NotificationRow& row) {
        return row.ended && *row.ended < before;
    }));
}

}  // namespace kiln::ports::testing
