#include "ports/instance_rules.hpp"

namespace kiln::ports {

namespace {

json::array strings(const std::vector<std::string>& values) {
    return json::array(values.begin(), values.end());
}

json::object tags_json(const Tags& tags) {
    json::object object;
    for (const auto& [key, value] : tags) {
        object[key] = value;
    }
    return object;
}

json::value time_or_null(const std::optional<TimePoint>& time) {
    return time ? json::value(format_time(*time)) : json::value(nullptr);
}

json::value word_or_null(const std::string& word) {
    return word.empty() ? json::value(nullptr) : json::value(word);
}

}  // namespace

json::object to_json(const Instance& instance) {
    return {
        {"id", instance.id.str()},
        {"type", instance.type},
        {"image", instance.image.str()},
        {"zone", instance.zone},
        {"state", to_string(instance.state)},
        {"reason", word_or_null(instance.reason)},
        {"private_ip", word_or_null(instance.private_ip)},
        {"public_ip", word_or_null(instance.public_ip)},
        {"key_name", word_or_null(instance.key_name)},
        {"security_groups", strings(instance.security_groups)},
        {"root_volume", word_or_null(instance.root_volume.str())},
        {"shutdown_behaviour", instance.shutdown == ShutdownBehaviour::stop ? "stop" : "terminate"},
        {"client_token", word_or_null(instance.client_token)},
        {"launched", format_time(instance.launched)},
        {"ended", time_or_null(instance.ended)},
        {"deadline", time_or_null(instance.deadline)},
        {"tags", tags_json(instance.tags)},
    };
}

json::object to_json(const KeyPair& key) {
    return {
        {"name", key.name},
        {"fingerprint", key.fingerprint},
        {"public_key", key.public_key},
        {"created", format_time(key.created)},
    };
}

json::object to_json(const SecurityGroup& group) {
    json::array ingress;
    for (const auto& rule : group.ingress) {
        ingress.push_back(json::object{
            {"protocol", rule.protocol},
            {"from_port", rule.from_port},
            {"to_port", rule.to_port},
            {"cidr", rule.cidr}});
    }
    return {
        {"id", group.id},
        {"name", group.name},
        {"description", group.description},
        {"ingress", std::move(ingress)},
        {"tags", tags_json(group.tags)},
    };
}

}  // namespace kiln::ports
