#include "api/told_bake_store.hpp"

namespace kiln::api {

void ToldBakeStore::told(const BakeId& id) noexcept {
    if (auto* hub = hub_.load()) {
        hub->poke(id);
    }
    if (heard_) {
        heard_(id);
    }
}

bool ToldBakeStore::submit(const ports::BakeRecord& record) {
    return store_.submit(record);
}

ToldBakeStore::Begun ToldBakeStore::begin(const ports::BakeRecord& record, bool force) {
    auto begun = store_.begin(record, force);
    told(record.id);
    return begun;
}

void ToldBakeStore::append(
    const BakeId& id,
    std::int64_t attempt,
    const std::vector<ports::BakeEvent>& events,
    const std::optional<Ending>& ended
) {
    store_.append(id, attempt, events, ended);
    told(id);
}

void ToldBakeStore::note(const BakeId& id, const std::string& text) {
    store_.note(id, text);
}

ports::BakeRecord ToldBakeStore::get(const BakeId& id) {
    return store_.get(id);
}

std::vector<ports::BakeRecord> ToldBakeStore::list(const ports::BakeFilter& filter) {
    return store_.list(filter);
}

std::map<ports::BakeState, std::int64_t> ToldBakeStore::count() {
    return store_.count();
}

std::vector<ports::BakeEvent> ToldBakeStore::events(
    const BakeId& id, const ports::EventPlace& after, std::size_t limit
) {
    return store_.events(id, after, limit);
}

std::size_t ToldBakeStore::forget(const std::vector<BakeId>& ids) {
    const auto gone = store_.forget(ids);
    for (const auto& id : ids) {
        told(id);
    }
    return gone;
}

}  // namespace kiln::api
