#include "machines/book.hpp"

#include "base/error.hpp"
#include "machines/rows.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::machines {

namespace {

using Revisions = std::map<ports::RevisionNumber, RevisionPtr>;
using Machines = std::map<std::string, Machine, std::less<>>;

template <class Map, class Key>
auto& known(Map& map, const Key& key, std::string_view what) {
    const auto at = map.find(key);
    if (at == map.end()) {
        throw Error{
            ErrorKind::corrupt, fmt::format("the store names a {} '{}' that it lacks", what, key)};
    }
    return at->second;
}

Machines load_machines(ports::MachineStore& store) {
    Revisions revisions;
    for (const auto& row : store.live_revisions()) {
        revisions.emplace(row.number, std::make_shared<const Revision>(revision_of(row)));
    }
    Machines machines;
    for (const auto& row : store.machines()) {
        machines.emplace(row.arn, machine_of(row, known(revisions, row.revision, "revision")));
    }
    for (const auto& row : store.versions()) {
        known(machines, row.machine, "state machine")
            .versions.emplace(
                row.number,
                Version{
                    row.number,
                    known(revisions, row.revision, "revision"),
                    row.description,
                    row.created}
            );
    }
    for (const auto& row : store.aliases()) {
        known(machines, row.machine, "state machine").aliases.emplace(row.name, alias_of(row));
    }
    return machines;
}

template <class Map, class Pointer>
void replace(Map& map, const std::string& arn, Pointer thing) {
    if (thing) {
        map.insert_or_assign(arn, std::move(thing));
    } else {
        map.erase(arn);
    }
}

}  // namespace

const Machine* Book::machine(std::string_view arn) const {
    const auto at = machines.find(arn);
    return at == machines.end() ? nullptr : at->second.get();
}

const Activity* Book::activity(std::string_view arn) const {
    const auto at = activities.find(arn);
    return at == activities.end() ? nullptr : at->second.get();
}

void Book::put(const std::string& arn, MachinePtr machine) {
    if (machine) {
        last_revision = std::max(last_revision, machine->current->number);
    }
    replace(machines, arn, std::move(machine));
}

void Book::put(const std::string& arn, ActivityPtr activity) {
    replace(activities, arn, std::move(activity));
}

Book load(ports::MachineStore& store) {
    Book book;
    for (auto& [arn, machine] : load_machines(store)) {
        book.machines.emplace(arn, std::make_shared<const Machine>(std::move(machine)));
    }
    for (const auto& row : store.activities()) {
        book.activities.emplace(row.arn, std::make_shared<const Activity>(activity_of(row)));
    }
    book.last_revision = store.last_revision();
    return book;
}

}  // namespace kiln::machines
