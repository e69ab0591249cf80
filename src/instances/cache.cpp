#include "instances/cache.hpp"

#include <array>

namespace kiln::instances {

namespace {

std::string tag_of(const ports::Instance& instance, const std::string& key) {
    const auto found = instance.tags.find(key);
    return found == instance.tags.end() ? "" : found->second;
}

/// Attributes that there is an index of: a letter for each, and its value.
std::array<std::pair<char, std::string>, 4> indexed(const Seen& seen) {
    return {{{'e', seen.env}, {'s', seen.site}, {'r', seen.role}, {'q', seen.queue}}};
}

std::vector<std::pair<char, std::string>> wanted(const ListFilter& filter) {
    std::vector<std::pair<char, std::string>> all;
    const auto add = [&](char letter, const std::optional<std::string>& value) {
        if (value) {
            all.emplace_back(letter, *value);
        }
    };
    add('e', filter.env);
    add('s', filter.site);
    add('r', filter.role);
    add('q', filter.queue);
    return all;
}

bool listed(ports::InstanceState state) {
    return state != ports::InstanceState::terminated &&
           state != ports::InstanceState::shutting_down;
}

bool matches(const Seen& seen, const ListFilter& filter) {
    const auto equal = [](const std::optional<std::string>& want, const std::string& is) {
        return !want || *want == is;
    };
    return equal(filter.env, seen.env) && equal(filter.site, seen.site) &&
           equal(filter.role, seen.role) && equal(filter.queue, seen.queue);
}

}  // namespace

json::object to_json(const Seen& seen) {
    const auto& instance = seen.instance;
    return {
        {"id", instance.id.str()},
        {"name", seen.name},
        {"instance_type", instance.type},
        {"image_id", instance.image.str()},
        {"ip", instance.public_ip},
        {"private_ip", instance.private_ip},
        {"launch_time", format_time(instance.launched)},
        {"queue", seen.queue},
        {"env", seen.env},
        {"site", seen.site},
        {"role", seen.role},
        {"expected_state", seen.expected_state},
        {"state", ports::to_string(instance.state)},
        {"instance_build_id", seen.build},
    };
}

SeenInstance see(ports::Instance instance, std::string expected_state) {
    auto seen = std::make_shared<Seen>();
    seen->name = tag_of(instance, "Name");
    seen->site = tag_of(instance, "site");
    seen->env = tag_of(instance, "env");
    seen->role = tag_of(instance, "role");
    seen->queue = tag_of(instance, "queue");
    seen->build = tag_of(instance, "kiln:instance-build");
    seen->expected_state = std::move(expected_state);
    seen->instance = std::move(instance);
    seen->text = json::serialize(to_json(*seen));
    return seen;
}

bool Cache::Newer::operator()(const SeenInstance& a, const SeenInstance& b) const {
    const auto& left = a->instance;
    const auto& right = b->instance;
    return left.launched != right.launched ? left.launched > right.launched : left.id < right.id;
}

void Cache::View::add(SeenInstance seen) {
    remove(seen->instance.id.str());
    if (!listed(seen->instance.state)) {
        return;
    }
    for (auto& value : indexed(*seen)) {
        by_value[std::move(value)].insert(seen);
    }
    all.insert(seen);
    auto id = seen->instance.id.str();
    by_id.emplace(std::move(id), std::move(seen));
}

void Cache::View::remove(const std::string& id) {
    const auto found = by_id.find(id);
    if (found == by_id.end()) {
        return;
    }
    const auto old = found->second;
    for (const auto& value : indexed(*old)) {
        const auto index = by_value.find(value);
        index->second.erase(old);
        if (index->second.empty()) {
            by_value.erase(index);
        }
    }
    all.erase(old);
    by_id.erase(found);
}

std::int64_t Cache::mark() {
    return view_.lock()->changes;
}

void Cache::replace(
    std::vector<ports::Instance> instances,
    const Expected& expected,
    TimePoint now,
    std::int64_t mark
) {
    View view;
    for (auto& instance : instances) {
        const auto found = expected.find(instance.id.str());
        view.add(see(std::move(instance), found == expected.end() ? "up" : found->second));
    }
    view.freshness = {.as_of = now, .stale = false, .why = ""};
    auto held = view_.lock();
    view.changes = held->changes;
    for (const auto& [id, change] : held->changed) {
        if (change <= mark) {
            continue;
        }
        view.changed.emplace(id, change);
        const auto kept = held->by_id.find(id);
        if (kept == held->by_id.end()) {
            view.remove(id);
        } else {
            view.add(kept->second);
        }
    }
    std::swap(*held, view);
}

void Cache::mark_stale(const std::string& why) {
    auto view = view_.lock();
    view->freshness.stale = true;
    view->freshness.why = why;
}

void Cache::put(ports::Instance instance, std::optional<std::string> expected) {
    auto view = view_.lock();
    const auto found = view->by_id.find(instance.id.str());
    if (!expected) {
        expected = found == view->by_id.end() ? "up" : found->second->expected_state;
    }
    auto seen = see(std::move(instance), std::move(*expected));
    view->changed[seen->instance.id.str()] = ++view->changes;
    view->add(std::move(seen));
}

void Cache::remove(const std::string& id) {
    auto view = view_.lock();
    view->changed[id] = ++view->changes;
    view->remove(id);
}

SeenInstance Cache::find(const std::string& id) const {
    auto view = view_.lock();
    const auto found = view->by_id.find(id);
    return found == view->by_id.end() ? nullptr : found->second;
}

std::vector<SeenInstance> Cache::list(const ListFilter& filter) const {
    auto view = view_.lock();
    const auto* candidates = &view->all;
    for (const auto& value : wanted(filter)) {
        const auto index = view->by_value.find(value);
        if (index == view->by_value.end()) {
            return {};
        }
        if (index->second.size() < candidates->size()) {
            candidates = &index->second;
        }
    }
    std::vector<SeenInstance> found;
    found.reserve(candidates->size());
    for (const auto& seen : *candidates) {
        if (matches(*seen, filter)) {
            found.push_back(seen);
        }
    }
    return found;
}

Freshness Cache::freshness() const {
    return view_.lock()->freshness;
}

std::size_t Cache::size() const {
    return view_.lock()->by_id.size();
}

}  // namespace kiln::instances
