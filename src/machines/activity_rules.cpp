#include "machines/activity_rules.hpp"

#include "machines/rows.hpp"

#include <fmt/format.h>

namespace kiln::machines {

namespace {

namespace change = ports::machine_change;

ports::MachineChange put(const Machine& machine) {
    return change::PutMachine{row_of(machine)};
}

ports::MachineChange put(const Activity& activity) {
    return change::PutActivity{row_of(activity)};
}

/// The thing with these tags.
template <class Thing>
Decision<Thing, Done> with_tags(const Thing& there, Tags tags) {
    Decision<Thing, Done> made{{}, there, {}};
    if (made.after->tags != tags) {
        made.after->tags = std::move(tags);
        made.changes.push_back(put(*made.after));
    }
    return made;
}

template <class Thing>
Decided<Thing, Done> add_tags(const Thing* there, const Tags& given, std::string_view arn) {
    if (there == nullptr) {
        return resource_not_found(arn);
    }
    auto merged = merge_tags(there->tags, given, arn);
    if (auto* const refusal = std::get_if<Refusal>(&merged)) {
        return std::move(*refusal);
    }
    return with_tags(*there, std::move(std::get<Tags>(merged)));
}

template <class Thing>
Decided<Thing, Done> remove_tags(
    const Thing* there, const std::vector<std::string>& keys, std::string_view arn
) {
    if (there == nullptr) {
        return resource_not_found(arn);
    }
    return with_tags(*there, without_tags(there->tags, keys));
}

}  // namespace

Decided<Activity, CreatedActivity> create_activity(
    const Activity* there,
    std::string arn,
    const CreateActivity& command,
    json::object encryption,
    const Facts& facts
) {
    if (there != nullptr) {
        if (there->encryption == encryption) {
            return Decision<Activity, CreatedActivity>{{there->arn, there->created}, *there, {}};
        }
        return Refusal{
            "ActivityAlreadyExists",
            fmt::format(
                "Activity Already Exists: '{}'; its EncryptionConfiguration may not be updated",
                there->arn
            )};
    }
    auto tags = merge_tags({}, command.tags, arn);
    if (auto* const refusal = std::get_if<Refusal>(&tags)) {
        return std::move(*refusal);
    }
    Activity activity{
        arn, command.name, std::move(encryption), facts.now, std::move(std::get<Tags>(tags))};
    Decision<Activity, CreatedActivity> made{
        {std::move(arn), facts.now}, std::nullopt, {put(activity)}};
    made.after = std::move(activity);
    return made;
}

Decided<Activity, Done> delete_activity(const Activity* there) {
    Decision<Activity, Done> made;
    if (there != nullptr) {
        made.changes.emplace_back(change::RemoveActivity{there->arn});
    }
    return made;
}

Decided<Machine, Done> tag(const Machine* there, const Tags& given, std::string_view arn) {
    return add_tags(there, given, arn);
}

Decided<Activity, Done> tag(const Activity* there, const Tags& given, std::string_view arn) {
    return add_tags(there, given, arn);
}

Decided<Machine, Done> untag(
    const Machine* there, const std::vector<std::string>& keys, std::string_view arn
) {
    return remove_tags(there, keys, arn);
}

Decided<Activity, Done> untag(
    const Activity* there, const std::vector<std::string>& keys, std::string_view arn
) {
    return remove_tags(there, keys, arn);
}

Refusal resource_not_found(std::string_view arn) {
    return {"ResourceNotFound", fmt::format("Resource not found: '{}'", arn)};
}

}  // namespace kiln::machines
