#include "ports/testing/memory_bakes.hpp"

#include "ports/cloud.hpp"

#include <algorithm>
#include <tuple>

namespace kiln::ports::testing {

namespace {

bool is_newer(const BakeRecord& a, const BakeRecord& b) {
    return std::tie(a.created, a.id) > std::tie(b.created, b.id);
}

Error no_bake(const BakeId& id) {
    return {ErrorKind::not_found, "no bake " + id.str()};
}

}  // namespace

const BakeRecord* MemoryBakeStore::find_joinable(
    const Bakes& bakes, const BakeRecord& wanted, bool force
) {
    const BakeRecord* found = nullptr;
    for (const auto& [id, bake] : bakes) {
        const auto& record = bake.record;
        if (record.key != wanted.key || wanted.same_as) {
            continue;
        }
        if (record.state == BakeState::running && !record.same_as) {
            return &record;
        }
        if (!force && record.state == BakeState::succeeded &&
            (found == nullptr || is_newer(record, *found))) {
            found = &record;
        }
    }
    return found;
}

bool MemoryBakeStore::submit(const BakeRecord& record) {
    return bakes_.lock()->emplace(record.id, Bake{record, {}}).second;
}

BakeStore::Begun MemoryBakeStore::begin(const BakeRecord& record, bool force) {
    auto bakes = bakes_.lock();
    if (const auto* other = find_joinable(*bakes, record, force)) {
        return {*other, false};
    }
    const auto [at, added] = bakes->emplace(record.id, Bake{record, {}});
    if (!added) {
        auto& known = at->second.record;
        if (known.state != BakeState::queued || known.attempt >= record.attempt) {
            throw Error{ErrorKind::conflict, record.id.str() + " exists already"};
        }
        const auto accepted = known.created;
        auto result = std::move(known.result);
        auto note = std::move(known.note);
        known = record;
        known.state = BakeState::running;
        known.created = accepted;
        known.result = std::move(result);
        known.note = std::move(note);
    }
    return {record, true};
}

void MemoryBakeStore::append(
    const BakeId& id,
    std::int64_t attempt,
    const std::vector<BakeEvent>& events,
    const std::optional<Ending>& ended
) {
    auto bakes = bakes_.lock();
    const auto found = bakes->find(id);
    if (found == bakes->end()) {
        throw no_bake(id);
    }
    auto changed = found->second;
    auto& record = changed.record;
    const bool runs = record.state == BakeState::running && record.attempt == attempt;
    const bool waits = record.state == BakeState::queued && record.attempt < attempt && ended;
    if (!runs && !waits) {
        throw Error{ErrorKind::conflict, id.str() + " is over already"};
    }
    for (auto event : events) {
        event.attempt = attempt;
        if (!changed.events.emplace(event.place(), event).second) {
            throw Error{ErrorKind::conflict, id.str() + " has that event already"};
        }
    }
    if (ended) {
        record.state = ended->state;
        record.image = ended->image;
        record.result = ended->result;
        record.attempt = attempt;
        if (ended->state != BakeState::queued) {
            record.ended = ended->at;
        }
    }
    found->second = std::move(changed);
}

void MemoryBakeStore::note(const BakeId& id, const std::string& text) {
    auto bakes = bakes_.lock();
    if (const auto found = bakes->find(id); found != bakes->end()) {
        found->second.record.note = text;
    }
}

BakeRecord MemoryBakeStore::get(const BakeId& id) {
    auto bakes = bakes_.lock();
    const auto found = bakes->find(id);
    if (found == bakes->end()) {
        throw no_bake(id);
    }
    return found->second.record;
}

std::vector<BakeRecord> MemoryBakeStore::list(const BakeFilter& filter) {
    std::vector<BakeRecord> records;
    auto bakes = bakes_.lock();
    const auto last = filter.older_than ? bakes->find(*filter.older_than) : bakes->end();
    if (filter.older_than && last == bakes->end()) {
        return records;
    }
    for (const auto& [id, bake] : *bakes) {
        const auto& record = bake.record;
        if (filter.older_than && !is_newer(last->second.record, record)) {
            continue;
        }
        if ((!filter.state || record.state == *filter.state) &&
            (!filter.name || wildcard_match(*filter.name, record.name))) {
            records.push_back(record);
        }
    }
    std::sort(records.begin(), records.end(), is_newer);
    if (records.size() > filter.limit) {
        records.resize(filter.limit);
    }
    return records;
}

std::map<BakeState, std::int64_t> MemoryBakeStore::count() {
    std::map<BakeState, std::int64_t> counts;
    auto bakes = bakes_.lock();
    for (const auto& [id, bake] : *bakes) {
        ++counts[bake.record.state];
    }
    return counts;
}

std::vector<BakeEvent> MemoryBakeStore::events(
    const BakeId& id, const EventPlace& after, std::size_t limit
) {
    auto bakes = bakes_.lock();
    const auto found = bakes->find(id);
    std::vector<BakeEvent> events;
    if (found == bakes->end()) {
        return events;
    }
    const auto& all = found->second.events;
    for (auto at = all.upper_bound(after); at != all.end() && events.size() < limit; ++at) {
        events.push_back(at->second);
    }
    return events;
}

std::size_t MemoryBakeStore::forget(const std::vector<BakeId>& ids) {
    return std::erase_if(*bakes_.lock(), [&](const auto& entry) {
        return entry.second.record.ended &&
               std::find(ids.begin(), ids.end(), entry.first) != ids.end();
    });
}

bool MemoryCheckpointStore::put(const Checkpoint& checkpoint) {
    return checkpoints_.lock()->emplace(checkpoint.key, checkpoint).second;
}

std::optional<Checkpoint> MemoryCheckpointStore::find_longest(
    const std::vector<std::string>& keys, TimePoint now
) {
    auto checkpoints = checkpoints_.lock();
    Checkpoint* longest = nullptr;
    for (const auto& key : keys) {
        const auto found = checkpoints->find(key);
        if (found != checkpoints->end() &&
            (longest == nullptr || found->second.commands > longest->commands)) {
            longest = &found->second;
        }
    }
    if (longest == nullptr) {
        return std::nullopt;
    }
    longest->used = std::max(longest->used, now);
    return *longest;
}

std::vector<Checkpoint> MemoryCheckpointStore::list() {
    std::vector<Checkpoint> all;
    auto checkpoints = checkpoints_.lock();
    for (const auto& [key, checkpoint] : *checkpoints) {
        all.push_back(checkpoint);
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return a.used < b.used;
    });
    return all;
}

void MemoryCheckpointStore::remove(const std::string& key) {
    checkpoints_.lock()->erase(key);
}

}  // namespace kiln::ports::testing
