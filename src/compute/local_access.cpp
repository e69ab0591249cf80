#include "compute/local_machines.hpp"
#include "ports/instance_rules.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::compute {

ports::KeyPair LocalKeyPairs::import(const std::string& name, const std::string& public_key) {
    auto key = ports::key_pair(name, public_key, world_.clock.now());
    if (!world_.keys.add(key)) {
        throw Error{ErrorKind::conflict, fmt::format("there is a key '{}' already", name)}.hint(
            "kiln key rm removes it"
        );
    }
    return key;
}

std::vector<ports::KeyPair> LocalKeyPairs::describe(const std::vector<std::string>& names) {
    auto all = world_.keys.list();
    for (const auto& name : names) {
        if (std::none_of(all.begin(), all.end(), [&](const auto& key) {
                return key.name == name;
            })) {
            throw Error{ErrorKind::not_found, fmt::format("there is no key '{}'", name)}.hint(
                "kiln key list"
            );
        }
    }
    if (!names.empty()) {
        std::erase_if(all, [&](const auto& key) {
            return std::find(names.begin(), names.end(), key.name) == names.end();
        });
    }
    return all;
}

void LocalKeyPairs::remove(const std::string& name) {
    world_.keys.remove(name);
}

ports::SecurityGroup LocalSecurityGroups::create(const ports::SecurityGroupSpec& spec) {
    ports::require_good_group(spec);
    ports::SecurityGroup group{
        random_id("sg-"), spec.name, spec.description, spec.ingress, spec.tags};
    if (!world_.groups.add(group)) {
        throw Error{
            ErrorKind::conflict, fmt::format("there is a security group '{}' already", spec.name)};
    }
    return group;
}

std::vector<ports::SecurityGroup> LocalSecurityGroups::describe(const std::vector<std::string>& ids
) {
    auto all = world_.groups.list();
    for (const auto& id : ids) {
        if (std::none_of(all.begin(), all.end(), [&](const auto& group) {
                return group.id == id;
            })) {
            throw Error{ErrorKind::not_found, fmt::format("there is no security group '{}'", id)}
                .hint("kiln security-group list");
        }
    }
    if (!ids.empty()) {
        std::erase_if(all, [&](const auto& group) {
            return std::find(ids.begin(), ids.end(), group.id) == ids.end();
        });
    }
    return all;
}

void LocalSecurityGroups::remove(const std::string& id) {
    if (const auto user = world_.groups.remove(id)) {
        throw Error{
            ErrorKind::conflict, fmt::format("instance {} has security group {}", user->str(), id)};
    }
}

}  // namespace kiln::compute
