#include "instances/record.hpp"

#include <array>

namespace kiln::instances {

namespace record {

json::value of(const std::optional<TimePoint>& time) {
    return time ? json::value(time->time_since_epoch().count()) : json::value(nullptr);
}

std::optional<TimePoint> time(const json::value& record) {
    return record.is_null() ? std::nullopt
                            : std::optional{TimePoint{Duration{record.to_number<std::int64_t>()}}};
}

json::value of(const std::optional<Duration>& duration) {
    return duration ? json::value(duration->count()) : json::value(nullptr);
}

std::optional<Duration> duration(const json::value& record) {
    return record.is_null() ? std::nullopt
                            : std::optional{Duration{record.to_number<std::int64_t>()}};
}

std::string text(const json::object& record, std::string_view key) {
    return json::value_to<std::string>(record.at(key));
}

std::vector<std::string> texts(const json::object& record, std::string_view key) {
    return json::value_to<std::vector<std::string>>(record.at(key));
}

json::object of(const BuildRequest& request) {
    json::array alternatives;
    for (const auto& one : request.alternatives) {
        alternatives.push_back({{"type", one.type}, {"zone", one.zone}, {"spot", one.spot}});
    }
    return {
        {"site", request.site},
        {"env", request.env},
        {"queue", request.queue},
        {"role", request.role},
        {"instance_type", request.instance_type},
        {"count", request.count},
        {"ami", request.ami},
        {"name_template", request.name_template},
        {"slack_channel", request.slack_channel},
        {"security_group_id", request.security_group_id},
        {"subnet_id", request.subnet_id},
        {"boot_instance", request.boot_instance},
        {"key_name", request.key_name},
        {"lifetime", of(request.lifetime)},
        {"alternatives", std::move(alternatives)},
    };
}

BuildRequest request(const json::value& value) {
    const auto& record = value.as_object();
    BuildRequest request;
    request.site = text(record, "site");
    request.env = text(record, "env");
    request.queue = text(record, "queue");
    request.role = text(record, "role");
    request.instance_type = text(record, "instance_type");
    request.count = record.at("count").to_number<std::int64_t>();
    request.ami = text(record, "ami");
    request.name_template = text(record, "name_template");
    request.slack_channel = text(record, "slack_channel");
    request.security_group_id = text(record, "security_group_id");
    request.subnet_id = text(record, "subnet_id");
    request.boot_instance = record.at("boot_instance").as_bool();
    request.key_name = text(record, "key_name");
    request.lifetime = duration(record.at("lifetime"));
    for (const auto& item : record.at("alternatives").as_array()) {
        const auto& one = item.as_object();
        request.alternatives.push_back(
            {.type = text(one, "type"), .zone = text(one, "zone"), .spot = one.at("spot").as_bool()}
        );
    }
    return request;
}

json::array of(const std::vector<BuildEvent>& events) {
    json::array all;
    for (const auto& event : events) {
        all.push_back(
            {{"time", of(std::optional{event.time})},
             {"kind", event.kind},
             {"message", event.message},
             {"instance", event.instance}}
        );
    }
    return all;
}

std::vector<BuildEvent> events(const json::value& value) {
    std::vector<BuildEvent> all;
    for (const auto& item : value.as_array()) {
        const auto& event = item.as_object();
        all.push_back(
            {.time = time(event.at("time")).value(),
             .kind = text(event, "kind"),
             .message = text(event, "message"),
             .instance = text(event, "instance")}
        );
    }
    return all;
}

}  // namespace record

namespace {

BuildState build_state(const std::string& word) {
    for (const auto state :
         {BuildState::pending, BuildState::started, BuildState::finished, BuildState::failed}) {
        if (word == to_string(state)) {
            return state;
        }
    }
    throw Error{ErrorKind::corrupt, "'" + word + "' is no state of a build"};
}

}  // namespace

json::object to_record(const InstanceBuild& build) {
    return {
        {"id", build.id},
        {"request", record::of(build.request)},
        {"state", to_string(build.state)},
        {"created", record::of(std::optional{build.created})},
        {"ended", record::of(build.ended)},
        {"closed", record::of(build.closed)},
        {"image", build.image},
        {"group", build.group},
        {"group_of", build.group_of},
        {"scripted", build.scripted},
        {"queued", build.queued},
        {"tries", build.tries},
        {"launched", build.launched},
        {"instances", json::value_from(build.instances)},
        {"reported", json::value_from(build.reported)},
        {"named", build.named},
        {"told", build.told},
        {"error", build.error},
        {"events", record::of(build.events)},
    };
}

InstanceBuild from_record(const json::value& value, std::int64_t revision) {
    return record::checked("an instance build", [&] {
        const auto& from = value.as_object();
        InstanceBuild build;
        build.id = record::text(from, "id");
        build.request = record::request(from.at("request"));
        build.state = build_state(record::text(from, "state"));
        build.revision = revision;
        build.created = record::time(from.at("created")).value();
        build.ended = record::time(from.at("ended"));
        build.closed = record::time(from.at("closed"));
        build.image = record::text(from, "image");
        build.group = record::text(from, "group");
        build.group_of = record::text(from, "group_of");
        build.scripted = from.at("scripted").as_bool();
        build.queued = from.at("queued").as_bool();
        build.tries = from.at("tries").to_number<std::int64_t>();
        build.launched = from.at("launched").as_bool();
        build.instances = record::texts(from, "instances");
        build.reported = record::texts(from, "reported");
        build.named = from.at("named").as_bool();
        build.told = from.at("told").as_bool();
        build.error = record::text(from, "error");
        build.events = record::events(from.at("events"));
        return build;
    });
}

}  // namespace kiln::instances
