#include "ports/testing/memory_machine_store.hpp"

namespace kiln::ports::testing {

namespace {

template <class Map>
auto values_of(const Map& map) {
    std::vector<typename Map::mapped_type> values;
    for (const auto& [key, value] : map) {
        values.push_back(value);
    }
    return values;
}

}  // namespace

std::vector<MachineRow> MemoryMachineStore::machines() {
    return values_of(rows_->lock()->machines);
}

std::vector<RevisionRow> MemoryMachineStore::live_revisions() {
    auto rows = values_of(rows_->lock()->revisions);
    std::erase_if(rows, [](const RevisionRow& row) { return row.retired.has_value(); });
    for (auto& row : rows) {
        row.definition.clear();
    }
    return rows;
}

std::vector<VersionRow> MemoryMachineStore::versions() {
    return values_of(rows_->lock()->versions);
}

std::vector<AliasRow> MemoryMachineStore::aliases() {
    return values_of(rows_->lock()->aliases);
}

std::vector<ActivityRow> MemoryMachineStore::activities() {
    return values_of(rows_->lock()->activities);
}

RevisionNumber MemoryMachineStore::last_revision() {
    auto rows = rows_->lock();
    return rows->revisions.empty() ? 0 : rows->revisions.rbegin()->first;
}

std::optional<RevisionRow> MemoryMachineStore::find_revision(RevisionNumber number) {
    auto rows = rows_->lock();
    const auto at = rows->revisions.find(number);
    return at == rows->revisions.end() ? std::nullopt : std::optional{at->second};
}

void MemoryMachineStore::apply(MachineChanges changes, Applied done) {
    {
        auto rows = rows_->lock();
        for (const auto& change : changes) {
            std::visit(*rows, change);
        }
    }
    done(nullptr);
}

void MemoryMachineStore::Rows::operator()(const machine_change::PutMachine& change) {
    machines.insert_or_assign(change.row.arn, change.row);
}

void MemoryMachineStore::Rows::operator()(const machine_change::RemoveMachine& change) {
    machines.erase(change.arn);
    std::erase_if(versions, [&](const auto& each) { return each.first.first == change.arn; });
    std::erase_if(aliases, [&](const auto& each) { return each.first.first == change.arn; });
}

void MemoryMachineStore::Rows::operator()(const machine_change::AddRevision& change) {
    auto row = change.row;
    if (change.definition_of) {
        row.definition = revisions.at(*change.definition_of).definition;
    }
    revisions.insert_or_assign(row.number, std::move(row));
}

void MemoryMachineStore::Rows::operator()(const machine_change::RetireRevision& change) {
    if (const auto at = revisions.find(change.number); at != revisions.end()) {
        at->second.retired = change.at;
    }
}

void MemoryMachineStore::Rows::operator()(const machine_change::ForgetRetired& change) {
    const auto last = revisions.empty() ? 0 : revisions.rbegin()->first;
    std::erase_if(revisions, [&](const auto& each) {
        return each.first != last && each.second.retired && *each.second.retired < change.before;
    });
}

void MemoryMachineStore::Rows::operator()(const machine_change::PutVersion& change) {
    versions.insert_or_assign({change.row.machine, change.row.number}, change.row);
}

void MemoryMachineStore::Rows::operator()(const machine_change::RemoveVersion& change) {
    versions.erase({change.machine, change.number});
}

void MemoryMachineStore::Rows::operator()(const machine_change::PutAlias& change) {
    aliases.insert_or_assign({change.row.machine, change.row.name}, change.row);
}

void MemoryMachineStore::Rows::operator()(const machine_change::RemoveAlias& change) {
    aliases.erase({change.machine, change.name});
}

void MemoryMachineStore::Rows::operator()(const machine_change::PutActivity& change) {
    activities.insert_or_assign(change.row.arn, change.row);
}

void MemoryMachineStore::Rows::operator()(const machine_change::RemoveActivity& change) {
    activities.erase(change.arn);
}

}  // namespace kiln::ports::testing
