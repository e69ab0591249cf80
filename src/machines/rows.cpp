#include "machines/rows.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

namespace kiln::machines {

namespace {

std::string text_of(const Tags& tags) {
    json::array list;
    for (const auto& [key, value] : tags) {
        list.push_back(json::array{key, value});
    }
    return json::serialize(list);
}

std::string text_of(const std::vector<Route>& routes) {
    json::array list;
    for (const auto& route : routes) {
        list.push_back(json::array{route.version, route.weight});
    }
    return json::serialize(list);
}

/// What `read` makes of a text of the store's.
template <class Read>
auto reading(std::string_view what, std::string_view text, Read read) {
    try {
        return read(parse_json(text));
    } catch (const std::exception& error) {
        throw Error{
            ErrorKind::corrupt,
            fmt::format("a state machine's {} in the store: {}", what, error.what())};
    }
}

Tags tags_of(std::string_view text) {
    return reading("tags", text, [](const json::value& list) {
        Tags tags;
        for (const auto& pair : list.as_array()) {
            tags.emplace_back(pair.at(0).as_string(), pair.at(1).as_string());
        }
        return tags;
    });
}

json::object object_of(std::string_view what, std::string_view text) {
    return reading(what, text, [](const json::value& value) { return value.as_object(); });
}

}  // namespace

ports::MachineRow row_of(const Machine& machine) {
    return {
        .arn = machine.arn,
        .name = machine.name,
        .type = std::string{to_string(machine.type)},
        .status = std::string{to_string(machine.status)},
        .revision = machine.current->number,
        .last_version = machine.last_version,
        .created = machine.created,
        .tags = text_of(machine.tags)};
}

ports::RevisionRow row_of(
    const Revision& revision, std::string_view machine_arn, std::string_view definition
) {
    return {
        .number = revision.number,
        .machine = std::string{machine_arn},
        .id = revision.id,
        .definition = std::string{definition},
        .digest = revision.digest,
        .role = revision.role,
        .logging = json::serialize(revision.configuration.logging),
        .tracing = json::serialize(revision.configuration.tracing),
        .encryption = json::serialize(revision.configuration.encryption),
        .created = revision.created,
        .retired = std::nullopt};
}

ports::VersionRow row_of(const Version& version, std::string_view machine_arn) {
    return {
        std::string{machine_arn},
        version.number,
        version.revision->number,
        version.description,
        version.created};
}

ports::AliasRow row_of(const Alias& alias, std::string_view machine_arn) {
    return {
        std::string{machine_arn},
        alias.name,
        alias.description,
        text_of(alias.routes),
        alias.created,
        alias.updated};
}

ports::ActivityRow row_of(const Activity& activity) {
    return {
        activity.arn,
        activity.name,
        json::serialize(activity.encryption),
        activity.created,
        text_of(activity.tags)};
}

Machine machine_of(const ports::MachineRow& row, RevisionPtr current) {
    Machine machine;
    machine.arn = row.arn;
    machine.name = row.name;
    machine.type = row.type == "EXPRESS" ? MachineType::express : MachineType::standard;
    machine.status = row.status == "DELETING" ? MachineStatus::deleting : MachineStatus::active;
    machine.current = std::move(current);
    machine.last_version = row.last_version;
    machine.created = row.created;
    machine.tags = tags_of(row.tags);
    return machine;
}

Revision revision_of(const ports::RevisionRow& row) {
    return {
        .number = row.number,
        .id = row.id,
        .digest = row.digest,
        .role = row.role,
        .configuration =
            {object_of("logging", row.logging),
             object_of("tracing", row.tracing),
             object_of("encryption", row.encryption)},
        .created = row.created};
}

Alias alias_of(const ports::AliasRow& row) {
    auto routes = reading("alias", row.routes, [](const json::value& list) {
        std::vector<Route> read;
        for (const auto& pair : list.as_array()) {
            read.push_back({pair.at(0).as_int64(), pair.at(1).as_int64()});
        }
        return read;
    });
    return {row.name, row.description, std::move(routes), row.created, row.updated};
}

Activity activity_of(const ports::ActivityRow& row) {
    return {
        row.arn, row.name, object_of("encryption", row.encryption), row.created, tags_of(row.tags)};
}

}  // namespace kiln::machines
