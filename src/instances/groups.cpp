#include "instances/groups.hpp"

#include "instances/fields.hpp"
#include "instances/record.hpp"

#include <fmt/format.h>

namespace kiln::instances {

namespace {

using Need = ObjectReader::Need;

constexpr std::int64_t kMostMachines = 1000;
constexpr std::int64_t kDay = 86'400;  ///< seconds
constexpr std::size_t kLongestArn = 2048;

/// The predecessor's, which want a cloud's own groups and alarms.
constexpr std::string_view kOfAlarms[] = {
    "scale_out_cooldown",
    "scale_in_cooldown",
    "scale_out_adjustment",
    "scale_in_adjustment",
    "scale_out_metric_name",
    "scale_in_metric_name",
    "scale_out_metric_threshold",
    "scale_in_metric_threshold"};

std::string read_arn(ObjectReader& reader, std::string_view key) {
    auto text = reader.string(key).value_or("");
    if (!text.empty() && (!text.starts_with("arn:") || text.size() > kLongestArn)) {
        reader.complain(key, "must be an ARN");
    }
    return text;
}

void read_pattern(ObjectReader& reader, GroupRequest& request) {
    request.instance_id = fields::id(reader, "instance_id", "i-");
    request.build_id = reader.string("instance_build_id").value_or("");
    if (!request.build_id.empty() && !is_uuid(request.build_id)) {
        reader.complain("instance_build_id", "must be a UUID");
    }
    if (request.instance_id.empty() == request.build_id.empty()) {
        reader.complain(
            "instance_id", "is what the group's machines are like: it, or instance_build_id"
        );
    }
}

void read_sizes(ObjectReader& reader, GroupRequest& request) {
    request.min_size = reader.integer("min_size", 0, kMostMachines).value_or(0);
    const auto desired = reader.integer("desired_capacity", 0, kMostMachines);
    request.max_size = reader.integer("max_size", 0, kMostMachines)
                           .value_or(std::max(request.min_size, desired.value_or(0)));
    request.desired_capacity = desired.value_or(request.min_size);
    if (request.min_size > request.max_size) {
        reader.complain("min_size", "must not be more than max_size");
    } else if (request.desired_capacity < request.min_size || request.desired_capacity > request.max_size) {
        reader.complain("desired_capacity", "must be between min_size and max_size");
    }
}

void read_times(ObjectReader& reader, GroupRequest& request) {
    if (const auto cooldown = fields::seconds(reader, "default_cooldown", 0, kDay)) {
        request.default_cooldown = *cooldown;
    }
    if (const auto drain = fields::seconds(reader, "lifecycle_heartbeat_timeout", 0, 2 * kDay)) {
        request.lifecycle_heartbeat_timeout = *drain;
    }
    if (const auto result = reader.string("lifecycle_default_result");
        result && *result != "CONTINUE") {
        reader.complain("lifecycle_default_result", "must be \"CONTINUE\"");
    }
}

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

}  // namespace

GroupRequest parse_group(const json::value& body) {
    std::vector<Problem> problems;
    GroupRequest request;
    ObjectReader reader{body, "autoscaling_group_builds", problems};
    if (body.is_object()) {
        read_pattern(reader, request);
        request.site = fields::word(reader, "site", Need::required);
        request.env = fields::word(reader, "env", Need::required);
        request.queue = fields::word(reader, "queue", Need::required);
        request.role = fields::word(reader, "role", Need::required);
        request.role_arn = read_arn(reader, "role_arn");
        request.topic_arn = read_arn(reader, "topic_arn");
        request.name_template = fields::name_template(reader, "name_template");
        request.slack_channel = fields::channel(reader, "slack_channel");
        read_sizes(reader, request);
        read_times(reader, request);
        for (const auto key : kOfAlarms) {
            if (reader.value(key) != nullptr) {
                reader.complain(key, "a group follows no metric; change its desired_capacity");
            }
        }
        reader.finish();
    }
    if (!problems.empty()) {
        throw Error{"bad group", std::move(problems)};
    }
    return request;
}

void resize(InstanceGroup& group, const Resize& sizes) {
    auto wanted = group.request;
    wanted.min_size = sizes.min_size.value_or(wanted.min_size);
    wanted.max_size = sizes.max_size.value_or(wanted.max_size);
    wanted.desired_capacity = sizes.desired_capacity.value_or(wanted.desired_capacity);
    std::vector<Problem> problems;
    if (wanted.min_size < 0) {
        problems.push_back({"min_size", "must not be negative"});
    }
    if (wanted.max_size < wanted.min_size || wanted.max_size > kMostMachines) {
        problems.push_back(
            {"max_size", fmt::format("must be between {} and {}", wanted.min_size, kMostMachines)}
        );
    }
    if (wanted.desired_capacity < wanted.min_size || wanted.desired_capacity > wanted.max_size) {
        problems.push_back(
            {"desired_capacity",
             fmt::format("must be between {} and {}", wanted.min_size, wanted.max_size)}
        );
    }
    if (!problems.empty()) {
        throw Error{"bad size of the group", std::move(problems)};
    }
    group.request = std::move(wanted);
}

json::object to_json(const InstanceGroup& group) {
    const auto& request = group.request;
    json::array events;
    for (const auto& event : group.events) {
        events.push_back(
            {{"time", format_time(event.time)}, {"kind", event.kind}, {"message", event.message}}
        );
    }
    return {
        {"id", group.id},
        {"href", "/autoscaling-group-builds/" + group.id},
        {"state", group.leaving ? "leaving" : "active"},
        {"instance_id", text_or_null(request.instance_id)},
        {"instance_build_id", text_or_null(request.build_id)},
        {"site", request.site},
        {"env", request.env},
        {"queue", request.queue},
        {"role", request.role},
        {"role_arn", text_or_null(request.role_arn)},
        {"topic_arn", text_or_null(request.topic_arn)},
        {"name_template", group.pattern.name_template},
        {"slack_channel", text_or_null(group.pattern.slack_channel)},
        {"min_size", request.min_size},
        {"max_size", request.max_size},
        {"desired_capacity", request.desired_capacity},
        {"default_cooldown", seconds_of(request.default_cooldown)},
        {"lifecycle_heartbeat_timeout", seconds_of(request.lifecycle_heartbeat_timeout)},
        {"lifecycle_default_result", "CONTINUE"},
        {"instance_builds", json::value_from(group.builds)},
        {"created_at", format_time(group.created)},
        {"events", std::move(events)},
    };
}

json::object to_record(const InstanceGroup& group) {
    const auto& request = group.request;
    return {
        {"id", group.id},
        {"created", record::of(std::optional{group.created})},
        {"instance_id", request.instance_id},
        {"build_id", request.build_id},
        {"site", request.site},
        {"env", request.env},
        {"queue", request.queue},
        {"role", request.role},
        {"role_arn", request.role_arn},
        {"topic_arn", request.topic_arn},
        {"name_template", request.name_template},
        {"slack_channel", request.slack_channel},
        {"min_size", request.min_size},
        {"max_size", request.max_size},
        {"desired_capacity", request.desired_capacity},
        {"cooldown", record::of(std::optional{request.default_cooldown})},
        {"drain", record::of(std::optional{request.lifecycle_heartbeat_timeout})},
        {"pattern", record::of(group.pattern)},
        {"leaving", group.leaving},
        {"made", group.made},
        {"builds", json::value_from(group.builds)},
        {"not_before", record::of(group.not_before)},
        {"events", record::of(group.events)},
    };
}

InstanceGroup group_from_record(const json::value& value, std::int64_t revision) {
    return record::checked("an instance group", [&] {
        const auto& from = value.as_object();
        const auto number = [&](std::string_view key) {
            return from.at(key).to_number<std::int64_t>();
        };
        InstanceGroup group;
        auto& request = group.request;
        group.id = record::text(from, "id");
        group.revision = revision;
        group.created = record::time(from.at("created")).value();
        request.instance_id = record::text(from, "instance_id");
        request.build_id = record::text(from, "build_id");
        request.site = record::text(from, "site");
        request.env = record::text(from, "env");
        request.queue = record::text(from, "queue");
        request.role = record::text(from, "role");
        request.role_arn = record::text(from, "role_arn");
        request.topic_arn = record::text(from, "topic_arn");
        request.name_template = record::text(from, "name_template");
        request.slack_channel = record::text(from, "slack_channel");
        request.min_size = number("min_size");
        request.max_size = number("max_size");
        request.desired_capacity = number("desired_capacity");
        request.default_cooldown = record::duration(from.at("cooldown")).value();
        request.lifecycle_heartbeat_timeout = record::duration(from.at("drain")).value();
        group.pattern = record::request(from.at("pattern"));
        group.leaving = from.at("leaving").as_bool();
        group.made = number("made");
        group.builds = record::texts(from, "builds");
        group.not_before = record::time(from.at("not_before"));
        group.events = record::events(from.at("events"));
        return group;
    });
}

}  // namespace kiln::instances
