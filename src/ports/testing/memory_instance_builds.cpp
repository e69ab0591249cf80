#include "ports/testing/memory_instance_builds.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace kiln::ports::testing {

namespace {

template <class Row>
std::optional<Row> find_in(const std::map<std::string, Row>& rows, const std::string& id) {
    const auto found = rows.find(id);
    return found == rows.end() ? std::nullopt : std::optional{found->second};
}

/// The row of this id and revision.
template <class Row>
Row& expect_in(std::map<std::string, Row>& rows, const std::string& id, std::int64_t revision) {
    const auto found = rows.find(id);
    if (found == rows.end()) {
        throw Error{ErrorKind::not_found, "no row " + id};
    }
    if (found->second.revision != revision) {
        throw Error{ErrorKind::conflict, "row " + id + " has changed"};
    }
    return found->second;
}

template <class Row>
bool newer(const Row& a, const Row& b) {
    return a.created != b.created ? a.created > b.created : a.id > b.id;
}

template <class Row>
bool put_new(std::map<std::string, Row>& rows, const Row& row) {
    const auto [at, inserted] = rows.emplace(row.id, row);
    if (inserted) {
        at->second.revision = 1;
    }
    return inserted;
}

}  // namespace

bool MemoryInstanceBuilds::insert(const InstanceBuildRow& row) {
    return put_new(rows_->lock()->builds, row);
}

std::optional<InstanceBuildRow> MemoryInstanceBuilds::find(const std::string& id) {
    return find_in(rows_->lock()->builds, id);
}

std::vector<InstanceBuildRow> MemoryInstanceBuilds::list(const InstanceBuildFilter& filter) {
    auto rows = rows_->lock();
    const auto oldest = find_in(rows->builds, filter.older_than);
    if (!filter.older_than.empty() && !oldest) {
        return {};
    }
    std::vector<InstanceBuildRow> found;
    for (const auto& [id, row] : rows->builds) {
        if ((!filter.open || *filter.open == row.open) &&
            (!filter.state || *filter.state == row.state) && (!oldest || newer(*oldest, row))) {
            found.push_back(row);
        }
    }
    std::sort(found.begin(), found.end(), newer<InstanceBuildRow>);
    found.resize(std::min(found.size(), filter.limit));
    return found;
}

std::int64_t MemoryInstanceBuilds::change(const InstanceBuildChange& change) {
    auto rows = rows_->lock();
    auto& row = expect_in(rows->builds, change.row.id, change.row.revision);
    row = change.row;
    ++row.revision;
    if (change.remove_script) {
        rows->scripts.erase(row.id);
    }
    if (change.script) {
        rows->scripts.insert_or_assign(change.script->build, *change.script);
    }
    for (const auto& instance : change.instances) {
        rows->instances.insert_or_assign(instance.id, instance);
    }
    return row.revision;
}

std::size_t MemoryInstanceBuilds::forget(TimePoint before) {
    auto rows = rows_->lock();
    std::size_t forgotten = 0;
    for (auto at = rows->builds.begin(); at != rows->builds.end();) {
        if (at->second.open || at->second.created >= before) {
            ++at;
            continue;
        }
        rows->scripts.erase(at->first);
        std::erase_if(rows->instances, [&](const auto& entry) {
            return entry.second.build == at->first;
        });
        at = rows->builds.erase(at);
        ++forgotten;
    }
    return forgotten;
}

void MemoryInstanceBuilds::clear_scripts(TimePoint expired) {
    for (auto& [build, row] : rows_->lock()->scripts) {
        if (row.expires <= expired && row.secret.empty()) {
            row.script.clear();
        }
    }
}

std::optional<InitScriptRow> MemoryInstanceBuilds::find_script(const std::string& build) {
    return find_in(rows_->lock()->scripts, build);
}

std::optional<InstanceNoteRow> MemoryInstanceBuilds::find_instance(const std::string& id) {
    return find_in(rows_->lock()->instances, id);
}

std::vector<InstanceNoteRow> MemoryInstanceBuilds::live_instances() {
    std::vector<InstanceNoteRow> found;
    for (const auto& [id, row] : rows_->lock()->instances) {
        if (!row.gone) {
            found.push_back(row);
        }
    }
    return found;
}

std::vector<InstanceNoteRow> MemoryInstanceBuilds::instances_of(const std::string& build) {
    std::vector<InstanceNoteRow> found;
    for (const auto& [id, row] : rows_->lock()->instances) {
        if (row.build == build) {
            found.push_back(row);
        }
    }
    return found;
}

void MemoryInstanceBuilds::put_instance(const InstanceNoteRow& row) {
    rows_->lock()->instances.insert_or_assign(row.id, row);
}

std::map<std::string, std::string> MemoryInstanceBuilds::active_images() {
    return rows_->lock()->active;
}

void MemoryInstanceBuilds::activate_image(const std::string& role, const std::string& image) {
    auto rows = rows_->lock();
    if (image.empty()) {
        rows->active.erase(role);
    } else {
        rows->active.insert_or_assign(role, image);
    }
}

bool MemoryInstanceBuilds::insert_group(const InstanceGroupRow& row) {
    return put_new(rows_->lock()->groups, row);
}

std::optional<InstanceGroupRow> MemoryInstanceBuilds::find_group(const std::string& id) {
    return find_in(rows_->lock()->groups, id);
}

std::vector<InstanceGroupRow> MemoryInstanceBuilds::groups() {
    std::vector<InstanceGroupRow> found;
    for (const auto& [id, row] : rows_->lock()->groups) {
        found.push_back(row);
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return newer(b, a); });
    return found;
}

std::int64_t MemoryInstanceBuilds::change_group(const InstanceGroupRow& row) {
    auto rows = rows_->lock();
    auto& old = expect_in(rows->groups, row.id, row.revision);
    old = row;
    return ++old.revision;
}

void MemoryInstanceBuilds::remove_group(const std::string& id) {
    rows_->lock()->groups.erase(id);
}

}  // namespace kiln::ports::testing
