#pragma once

#include "ports/queue_store.hpp"
#include "queue/definition.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::queue {

constexpr std::chrono::minutes kDeduplicationInterval{5};

/// What a FIFO queue has been sent lately: a value, no call looks at a clock.
class Deduplications {
  public:
    /// The row of this key whose time is not over.
    [[nodiscard]] const ports::DeduplicationRow* find(const std::string& key, TimePoint now) const {
        const auto found = rows_.find(key);
        return found != rows_.end() && now < found->second.until ? &found->second : nullptr;
    }

    /// Takes the place of one with the same key.
    void put(const ports::DeduplicationRow& row) {
        remove(row.key);
        order_.emplace(row.until, row.key);
        rows_.emplace(row.key, row);
    }

    /// @returns  what was there
    std::optional<ports::DeduplicationRow> remove(const std::string& key) {
        const auto found = rows_.find(key);
        if (found == rows_.end()) {
            return std::nullopt;
        }
        auto row = std::move(found->second);
        rows_.erase(found);
        order_.erase({row.until, row.key});
        return row;
    }

    /// Removes some whose time is over.
    std::vector<ports::DeduplicationRow> expire(TimePoint now, std::size_t at_most) {
        std::vector<ports::DeduplicationRow> expired;
        while (expired.size() < at_most && !order_.empty() && order_.begin()->first <= now) {
            expired.push_back(*remove(std::string{order_.begin()->second}));
        }
        return expired;
    }

    [[nodiscard]] std::optional<TimePoint> next() const {
        return order_.empty() ? std::nullopt : std::optional{order_.begin()->first};
    }

    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

  private:
    std::map<std::string, ports::DeduplicationRow> rows_;
    std::set<std::pair<TimePoint, std::string>> order_;
};

/// What two messages have in common when one is a duplicate of the other. Pure.
[[nodiscard]] inline std::string deduplication_key(
    DeduplicationScope scope, std::string_view group, std::string_view deduplication
) {
    std::string key;
    if (scope == DeduplicationScope::message_group) {
        key.append(group).push_back('\n');
    }
    return key.append(deduplication);
}

}  // namespace kiln::queue
