#include "ports/testing/memory_machines.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::ports::testing {

namespace {

constexpr std::size_t kKeptConsole = 1U << 20;

std::string group_id() {
    return random_id("sg-");
}

bool known_type(std::string_view type) {
    static const std::set<std::string, std::less<>> kTypes{
        "ct.nano",
        "ct.micro",
        "ct.small",
        "ct.medium",
        "ct.large",
        "vm.micro",
        "vm.small",
        "vm.medium",
        "vm.large",
        "t3.micro",
        "t3.small",
        "t3.medium",
        "m5.large"};
    return kTypes.contains(type);
}

}  // namespace

MemoryMachines::MemoryMachines(const Clock& clock, std::function<bool(const ImageId&)> images)
    : clock_{clock}, images_{std::move(images)} {}

MemoryMachines::Row* MemoryMachines::State::find(const InstanceId& id) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& one) {
        return one.instance.id == id && !one.forgotten;
    });
    return row == rows.end() ? nullptr : &*row;
}

void MemoryMachines::State::check_up() const {
    if (weather.unavailable) {
        throw Error{ErrorKind::unavailable, "the cloud does not answer"};
    }
}

void MemoryMachines::weather(const std::function<void(Weather&)>& change) {
    change(state_.lock()->weather);
}

void MemoryMachines::settle() {
    auto state = state_.lock();
    for (auto& row : state->rows) {
        settle(row, state->weather);
    }
}

void MemoryMachines::settle(Row& row, const Weather& weather) const {
    auto& instance = row.instance;
    using enum InstanceState;
    const auto now = clock_.now();
    if (instance.state == pending && weather.boots) {
        instance.state = running;
    } else if (instance.state == stopping) {
        end(row, stopped, instance.reason);
    } else if (instance.state == shutting_down) {
        end(row, terminated, instance.reason);
    } else if (instance.state == terminated && instance.ended && now - *instance.ended > kTerminatedKept) {
        row.forgotten = true;
    }
    if (instance.state == running && instance.deadline && now >= *instance.deadline) {
        end(row,
            instance.shutdown == ShutdownBehaviour::stop ? stopped : terminated,
            "Client.InstanceInitiatedShutdown: its lifetime is over");
    }
}

void MemoryMachines::end(Row& row, InstanceState state, std::string reason) const {
    auto& instance = row.instance;
    instance.state = state;
    instance.reason = std::move(reason);
    instance.ended = clock_.now();
    instance.deadline.reset();
    if (state == InstanceState::terminated) {
        instance.root_volume = {};
    }
}

void MemoryMachines::power_off(const InstanceId& id) {
    auto state = state_.lock();
    if (auto* row = state->find(id); row && row->instance.state == InstanceState::running) {
        const bool stops = row->instance.shutdown == ShutdownBehaviour::stop;
        end(*row,
            stops ? InstanceState::stopped : InstanceState::terminated,
            "Client.InstanceInitiatedShutdown: Instance initiated shutdown");
    }
}

void MemoryMachines::vanish(const InstanceId& id) {
    auto state = state_.lock();
    if (auto* row = state->find(id)) {
        end(*row, InstanceState::terminated, "Server.InternalError: it was lost");
    }
}

void MemoryMachines::say(const InstanceId& id, std::string_view text) {
    auto state = state_.lock();
    if (auto* row = state->find(id)) {
        row->console += text;
        if (row->console.size() > kKeptConsole) {
            const auto gone = row->console.size() - kKeptConsole;
            row->console.erase(0, gone);
            row->console_from += gone;
        }
    }
}

std::vector<Instance> MemoryMachines::history() {
    auto state = state_.lock();
    std::vector<Instance> all;
    for (const auto& row : state->rows) {
        all.push_back(row.instance);
    }
    return all;
}

void MemoryMachines::check_request(const State& state, const InstanceSpec& spec) const {
    auto problems = launch_problems(spec);
    if (!known_type(spec.type)) {
        problems.push_back({"type", "there is no instance type '" + spec.type + "'"});
    }
    if (!problems.empty()) {
        throw Error{"the launch request is not good", std::move(problems)};
    }
    if (images_ && !images_(spec.image)) {
        throw Error{ErrorKind::not_found, "there is no image " + spec.image.str()};
    }
    if (!spec.key_name.empty() && !state.keys.contains(spec.key_name)) {
        throw Error{ErrorKind::not_found, "there is no key '" + spec.key_name + "'"};
    }
    for (const auto& id : spec.security_groups) {
        const bool there =
            std::any_of(state.groups.begin(), state.groups.end(), [&](const auto& g) {
                return g.second.id == id;
            });
        if (!there) {
            throw Error{ErrorKind::not_found, "there is no security group '" + id + "'"};
        }
    }
}

std::vector<Instance> MemoryMachines::make(State& state, const InstanceSpec& spec) const {
    std::vector<Instance> made;
    for (std::size_t at = 0; at < spec.count; ++at) {
        Row row;
        auto& instance = row.instance;
        instance.id = InstanceId::random();
        instance.type = spec.type;
        instance.image = spec.image;
        instance.zone = spec.zone.empty() ? "memory-1a" : spec.zone;
        const auto number = 2 + state.next_address++;
        instance.private_ip = fmt::format("10.64.{}.{}", number >> 8 & 255, number & 255);
        instance.key_name = spec.key_name;
        instance.security_groups = spec.security_groups;
        instance.root_volume = VolumeId::random();
        instance.shutdown = spec.shutdown;
        instance.client_token = spec.client_token;
        instance.launched = clock_.now();
        instance.tags = spec.tags;
        row.lifetime = spec.lifetime;
        if (spec.lifetime) {
            instance.deadline = instance.launched + *spec.lifetime;
        }
        row.digest = launch_digest(spec);
        state.rows.push_back(row);
        made.push_back(instance);
    }
    return made;
}

std::variant<std::vector<Instance>, NoCapacity> MemoryMachines::InstanceRole::launch(
    const InstanceSpec& spec, Deadline
) {
    auto state = all.state_.lock();
    state->check_up();
    auto& weather = state->weather;
    if (weather.throttled_launches > 0) {
        --weather.throttled_launches;
        throw Error{ErrorKind::exhausted, "too many requests"}.retry_after(std::chrono::seconds{1});
    }
    std::vector<Instance> known;
    for (const auto& row : state->rows) {
        if (!spec.client_token.empty() && !row.forgotten &&
            row.instance.client_token == spec.client_token) {
            if (row.digest != launch_digest(spec)) {
                throw Error{
                    ErrorKind::conflict,
                    "the client token '" + spec.client_token + "' stands for another request"};
            }
            known.push_back(row.instance);
        }
    }
    if (!known.empty()) {
        return known;
    }
    all.check_request(*state, spec);
    const auto alive = std::count_if(state->rows.begin(), state->rows.end(), [](const auto& row) {
        return row.instance.state != InstanceState::terminated;
    });
    if (weather.full_types.contains(spec.type) || weather.full_zones.contains(spec.zone) ||
        static_cast<std::size_t>(alive) + spec.count > weather.capacity) {
        return NoCapacity{"no room for " + spec.type + " now"};
    }
    auto made = all.make(*state, spec);
    if (std::exchange(weather.lose_answer, false)) {
        throw Error{ErrorKind::unavailable, "the connection broke before the answer"};
    }
    return made;
}

std::vector<Instance> MemoryMachines::InstanceRole::describe(const InstanceFilter& filter) {
    auto state = all.state_.lock();
    state->check_up();
    std::vector<InstanceId> known;
    std::vector<Instance> found;
    for (auto row = state->rows.rbegin(); row != state->rows.rend(); ++row) {
        if (!row->forgotten) {
            known.push_back(row->instance.id);
            if (matches(filter, row->instance)) {
                found.push_back(row->instance);
            }
        }
    }
    require_all_found(filter, known);
    return found;
}

void MemoryMachines::InstanceRole::terminate(const std::vector<InstanceId>& ids, Deadline) {
    auto state = all.state_.lock();
    state->check_up();
    for (const auto& id : ids) {
        auto* row = state->find(id);
        if (row && row->instance.state != InstanceState::terminated) {
            row->instance.state = InstanceState::shutting_down;
            row->instance.reason = "Client.UserInitiatedShutdown: User initiated shutdown";
        }
    }
}

void MemoryMachines::InstanceRole::change(const InstanceId& id, Change change, Force, Deadline) {
    auto state = all.state_.lock();
    state->check_up();
    auto* row = state->find(id);
    if (!row) {
        throw Error{ErrorKind::not_found, "there is no instance " + id.str()};
    }
    auto& instance = row->instance;
    const auto next = begin_change(id, instance.state, change);
    if (!next || change == Change::reboot) {
        return;
    }
    instance.state = *next;
    if (change == Change::stop) {
        instance.reason = "Client.UserInitiatedShutdown: User initiated shutdown";
        return;
    }
    instance.reason.clear();
    instance.ended.reset();
    instance.launched = all.clock_.now();
    if (row->lifetime) {
        instance.deadline = instance.launched + *row->lifetime;
    }
}

ConsoleOutput MemoryMachines::InstanceRole::console(const InstanceId& id, std::uint64_t from) {
    auto state = all.state_.lock();
    state->check_up();
    auto* row = state->find(id);
    if (!row) {
        throw Error{ErrorKind::not_found, "there is no instance " + id.str()};
    }
    ConsoleOutput output;
    const auto end = row->console_from + row->console.size();
    output.offset = std::clamp(from, row->console_from, end);
    output.text = row->console.substr(output.offset - row->console_from);
    output.open = row->instance.state != InstanceState::terminated;
    return output;
}

KeyPair MemoryMachines::KeyRole::import(const std::string& name, const std::string& public_key) {
    const auto key = key_pair(name, public_key, all.clock_.now());
    auto state = all.state_.lock();
    state->check_up();
    if (!state->keys.emplace(name, key).second) {
        throw Error{ErrorKind::conflict, "there is a key '" + name + "' already"};
    }
    return key;
}

std::vector<KeyPair> MemoryMachines::KeyRole::describe(const std::vector<std::string>& names) {
    auto state = all.state_.lock();
    state->check_up();
    std::vector<KeyPair> found;
    for (const auto& name : names) {
        const auto key = state->keys.find(name);
        if (key == state->keys.end()) {
            throw Error{ErrorKind::not_found, "there is no key '" + name + "'"};
        }
        found.push_back(key->second);
    }
    if (names.empty()) {
        for (const auto& [name, key] : state->keys) {
            found.push_back(key);
        }
    }
    return found;
}

void MemoryMachines::KeyRole::remove(const std::string& name) {
    auto state = all.state_.lock();
    state->check_up();
    state->keys.erase(name);
}

SecurityGroup MemoryMachines::GroupRole::create(const SecurityGroupSpec& spec) {
    require_good_group(spec);
    auto state = all.state_.lock();
    state->check_up();
    const SecurityGroup group{group_id(), spec.name, spec.description, spec.ingress, spec.tags};
    if (!state->groups.emplace(spec.name, group).second) {
        throw Error{ErrorKind::conflict, "there is a security group '" + spec.name + "' already"};
    }
    return group;
}

std::vector<SecurityGroup> MemoryMachines::GroupRole::describe(const std::vector<std::string>& ids
) {
    auto state = all.state_.lock();
    state->check_up();
    std::vector<SecurityGroup> found;
    for (const auto& [name, group] : state->groups) {
        if (ids.empty() || std::find(ids.begin(), ids.end(), group.id) != ids.end()) {
            found.push_back(group);
        }
    }
    for (const auto& id : ids) {
        if (std::none_of(found.begin(), found.end(), [&](const auto& g) { return g.id == id; })) {
            throw Error{ErrorKind::not_found, "there is no security group '" + id + "'"};
        }
    }
    return found;
}

void MemoryMachines::GroupRole::remove(const std::string& id) {
    auto state = all.state_.lock();
    state->check_up();
    for (const auto& row : state->rows) {
        const auto& groups = row.instance.security_groups;
        if (row.instance.state != InstanceState::terminated &&
            std::find(groups.begin(), groups.end(), id) != groups.end()) {
            throw Error{
                ErrorKind::conflict,
                fmt::format("instance {} has security group {}", row.instance.id.str(), id)};
        }
    }
    std::erase_if(state->groups, [&](const auto& group) { return group.second.id == id; });
}

void MemoryMachines::TagRole::set(const std::string& resource, const Tags& tags) {
    auto state = all.state_.lock();
    state->check_up();
    auto* row = state->find(InstanceId::trusted(resource));
    if (!row) {
        throw Error{ErrorKind::not_found, "there is no instance " + resource};
    }
    auto merged = tags;
    merged.insert(row->instance.tags.begin(), row->instance.tags.end());
    if (auto problems = tag_problems(merged, resource); !problems.empty()) {
        throw Error{"tags over the limits", std::move(problems)};
    }
    row->instance.tags = std::move(merged);
}

void MemoryMachines::TagRole::unset(
    const std::string& resource, const std::vector<std::string>& keys
) {
    auto state = all.state_.lock();
    state->check_up();
    auto* row = state->find(InstanceId::trusted(resource));
    if (!row) {
        throw Error{ErrorKind::not_found, "there is no instance " + resource};
    }
    for (const auto& key : keys) {
        row->instance.tags.erase(key);
    }
}

}  // namespace kiln::ports::testing
