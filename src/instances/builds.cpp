#include "instances/builds.hpp"

#include <fmt/format.h>

namespace kiln::instances {

namespace {

ports::InstanceBuildRow row_of(const InstanceBuild& build) {
    return {
        .id = build.id,
        .revision = build.revision,
        .state = std::string{to_string(build.state)},
        .created = build.created,
        .open = !build.closed,
        .document = json::serialize(to_record(build))};
}

InstanceBuild build_of(const ports::InstanceBuildRow& row) {
    return from_record(json::parse(row.document), row.revision);
}

}  // namespace

InstanceBuild Builds::get(const std::string& id) {
    if (auto build = find(id)) {
        return std::move(*build);
    }
    throw Error{ErrorKind::not_found, fmt::format("there is no instance build '{}'", id)};
}

std::optional<InstanceBuild> Builds::find(const std::string& id) {
    const auto row = store_.find(id);
    return row ? std::optional{build_of(*row)} : std::nullopt;
}

bool Builds::insert(const InstanceBuild& build) {
    return store_.insert(row_of(build));
}

std::vector<InstanceBuild> Builds::list(const ports::InstanceBuildFilter& filter) {
    std::vector<InstanceBuild> all;
    for (const auto& row : store_.list(filter)) {
        all.push_back(build_of(row));
    }
    return all;
}

void Builds::save(InstanceBuild& build, With with) {
    try {
        build.revision = store_.change(
            {.row = row_of(build),
             .script = std::move(with.script),
             .remove_script = with.remove_script,
             .instances = std::move(with.instances)}
        );
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::conflict) {
            throw Outdated{};
        }
        throw;
    }
}

}  // namespace kiln::instances
