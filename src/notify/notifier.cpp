#include "notify/notifier.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace kiln::notify {

namespace {

bool goes_to(const Route& route, Kind kind) {
    return route.kinds.empty() ||
           std::find(route.kinds.begin(), route.kinds.end(), kind) != route.kinds.end();
}

}  // namespace

std::vector<ports::NotificationRow> rows_of(
    const Event& event, const std::vector<Route>& routes, TimePoint now
) {
    if (event.key.empty()) {
        throw Error{ErrorKind::invalid, "an event that is to be told needs a key"};
    }
    std::vector<ports::NotificationRow> rows;
    for (const auto& route : routes) {
        if (goes_to(route, event.kind)) {
            rows.push_back({
                .key = event.key,
                .channel = route.channel,
                .kind = std::string{to_string(event.kind)},
                .event = write_event(event),
                .created = now,
                .due = now,
            });
        }
    }
    return rows;
}

void Notifier::tell(const Event& event) {
    store_.add(rows(event));
    wake();
}

}  // namespace kiln::notify
