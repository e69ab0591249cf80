#include "ports/testing/memory_ledger.hpp"

#include <algorithm>
#include <set>

namespace kiln::ports::testing {

MemoryLedger::MemoryLedger(HolderId holder, const Clock& clock)
    : holder_{std::move(holder)}, clock_{&clock}, book_{std::make_shared<Guarded<Book>>()} {}

MemoryLedger MemoryLedger::other_holder(HolderId holder) const {
    auto other = *this;
    other.holder_ = std::move(holder);
    return other;
}

void MemoryLedger::intend(const JobId& job, const std::vector<Resource>& resources) {
    auto book = book_->lock();
    for (const auto& resource : resources) {
        const auto known =
            std::any_of(book->entries.begin(), book->entries.end(), [&](const auto& entry) {
                return entry.job == job && entry.resource == resource;
            });
        if (!known) {
            book->entries.push_back({++book->last, resource, job, holder_, clock_->now()});
        }
    }
}

void MemoryLedger::release(const JobId& job, const std::vector<Resource>& resources) {
    auto book = book_->lock();
    std::erase_if(book->entries, [&](const auto& entry) {
        return entry.job == job &&
               std::find(resources.begin(), resources.end(), entry.resource) != resources.end();
    });
}

void MemoryLedger::release_all(const JobId& job) {
    std::erase_if(book_->lock()->entries, [&](const auto& entry) { return entry.job == job; });
}

std::vector<LedgerEntry> MemoryLedger::entries() {
    return book_->lock()->entries;
}

std::vector<HolderId> MemoryLedger::holders() {
    std::set<HolderId> holders;
    for (const auto& entry : entries()) {
        holders.insert(entry.holder);
    }
    return {holders.begin(), holders.end()};
}

}  // namespace kiln::ports::testing
