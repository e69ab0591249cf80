#include "bake/request.hpp"
#include "bake/request_parse.hpp"
#include "net/url.hpp"
#include "ports/queue_reference.hpp"

#include <fmt/format.h>

namespace kiln::bake {

namespace {

void put(json::object& object, std::string_view key, const std::vector<std::string>& values) {
    if (!values.empty()) {
        object[key] = json::value_from(values);
    }
}

json::object parent_json(const Parent& parent) {
    if (parent.id) {
        return {{"id", parent.id->str()}};
    }
    if (parent.name) {
        return {{"name", *parent.name}};
    }
    json::array queries;
    for (const auto& query : parent.queries) {
        queries.push_back(request_parts::filter_json(query));
    }
    return {{"queries", std::move(queries)}};
}

json::value source_json(const Source& source) {
    if (source.kind == Source::Kind::none) {
        return nullptr;
    }
    return json::string{source.location + (source.sha256 ? "#sha256=" + *source.sha256 : "")};
}

json::object bootstrap_json(const Request& request) {
    json::array commands;
    for (const auto& command : request.commands) {
        commands.push_back({{"run", command.run}, {"always", command.always}});
    }
    json::object environment;
    for (const auto& [name, value] : request.environment) {
        environment[name] = value;
    }
    const auto& limits = request.limits;
    return {
        {"source", source_json(request.source)},
        {"commands", std::move(commands)},
        {"environment", std::move(environment)},
        {"network", request.network == NetworkPolicy::host ? "host" : "none"},
        {"limits",
         {{"memory_bytes",
           limits.memory ? json::value(limits.memory->count) : json::value(nullptr)},
          {"processes", limits.processes},
          {"seconds", limits.time.count()},
          {"idle_seconds", limits.idle.count()}}},
    };
}

json::value text_or_null(const std::optional<std::string>& text) {
    return text ? json::value(json::string{*text}) : json::value(nullptr);
}

std::string_view word(Reset reset) {
    switch (reset) {
        case Reset::machine_id:
            return "machine-id";
        case Reset::ssh_host_keys:
            return "ssh-host-keys";
        case Reset::random_seed:
            return "random-seed";
    }
    return "";
}

}  // namespace

namespace request_parts {

json::object filter_json(const ports::ImageFilter& filter) {
    json::object object;
    put(object, "name", filter.names);
    for (const auto& [key, values] : filter.tags) {
        put(object, "tag:" + key, values);
    }
    put(object, "tag-key", filter.tag_keys);
    put(object, "owner", filter.owners);
    put(object, "architecture", filter.architectures);
    put(object, "state", filter.states);
    std::vector<std::string> ids;
    for (const auto& id : filter.ids) {
        ids.push_back(id.str());
    }
    put(object, "image-id", ids);
    return object;
}

}  // namespace request_parts

json::object to_json(const Request& request) {
    json::object tags;
    for (const auto& [key, value] : request.tags) {
        tags[key] = value;
    }
    json::array keep;
    for (const auto reset : request.keep) {
        keep.emplace_back(word(reset));
    }
    return {
        {"name", request.name},
        {"description", request.description},
        {"parent", parent_json(request.parent)},
        {"bootstrap", bootstrap_json(request)},
        {"volume",
         {{"size_gib",
           request.size ? json::value(request.size->count >> 30) : json::value(nullptr)}}},
        {"tags", std::move(tags)},
        {"share_with", json::value_from(request.share_with)},
        {"logs",
         {{"destination", text_or_null(request.logs_destination)},
          {"files", json::value_from(request.log_files)}}},
        {"reply_to", text_or_null(request.reply_to)},
        {"deadline_seconds", request.deadline.count()},
        {"keep_on_failure", request.keep_on_failure},
        {"rebake", request.rebake},
        {"checkpoints", request.checkpoints},
        {"boot_test", request.boot_test},
        {"boot_marker", text_or_null(request.boot_marker)},
        {"keep", std::move(keep)},
    };
}

json::object to_shown_json(const Request& request) {
    auto shown = request;
    for (auto& [name, value] : shown.environment) {
        value = "***";
    }
    if (shown.source.kind == Source::Kind::url) {
        shown.source.location = net::parse_url(shown.source.location).shown();
    }
    if (shown.reply_to) {
        shown.reply_to = ports::parse_queue_reference(*shown.reply_to).shown();
    }
    return to_json(shown);
}

}  // namespace kiln::bake
