#include "instances/build_job.hpp"
#include "instances/desk.hpp"
#include "instances/ending.hpp"
#include "instances/fields.hpp"
#include "instances/group_keeper.hpp"

#include <algorithm>

#include <fmt/format.h>

/// The part of the desk that has to do with groups.
namespace kiln::instances {

namespace {

constexpr Duration kOldest = std::chrono::hours{1};
constexpr Duration kAhead = std::chrono::minutes{5};

/// What a group's machines are like: its pattern's build, with the group's own words.
BuildRequest pattern_of(World& world, const GroupRequest& request) {
    auto build_id = request.build_id;
    if (build_id.empty()) {
        const auto note = world.store.find_instance(request.instance_id);
        if (!note || note->build.empty()) {
            throw Error{
                ErrorKind::not_found,
                fmt::format("instance '{}' is of no build", request.instance_id)};
        }
        build_id = note->build;
    }
    auto pattern = Builds{world.store}.get(build_id).request;
    pattern.site = request.site;
    pattern.env = request.env;
    pattern.queue = request.queue;
    pattern.role = request.role;
    pattern.count = 1;
    pattern.boot_instance = true;
    if (!request.name_template.empty()) {
        pattern.name_template = request.name_template;
    }
    if (!request.slack_channel.empty()) {
        pattern.slack_channel = request.slack_channel;
    }
    return pattern;
}

/// A genuine message that somebody kept, and sends again. SNS itself tries for less than that.
void want_fresh(const json::object& message, TimePoint now) {
    const auto* text = message.if_contains("Timestamp");
    if (text == nullptr || !text->is_string()) {
        throw Error{ErrorKind::invalid, "not a message of SNS: Timestamp is missing"};
    }
    const auto sent = parse_time(std::string{text->as_string()});
    if (now - sent > kOldest || sent - now > kAhead) {
        throw Error{ErrorKind::denied, "the message is too old, or this server's clock is wrong"};
    }
}

}  // namespace

InstanceGroup Desk::submit_group(
    const json::value& body, const std::optional<std::string>& slack_channel
) {
    InstanceGroup group;
    group.request = parse_group(body);
    if (slack_channel && !slack_channel->empty()) {
        if (!fields::is_channel(*slack_channel)) {
            throw Error{"bad group", {{"slack-channel", "must be a channel, as \"#builds\""}}};
        }
        group.request.slack_channel = *slack_channel;
    }
    group.id = random_uuid();
    group.created = world_.clock.now();
    group.pattern = pattern_of(world_, group.request);
    group.events.push_back({group.created, "accepted", "it was asked for"});
    Groups{world_.store}.insert(group);
    return find_group(group.id);
}

InstanceGroup Desk::find_group(const std::string& id) {
    return Groups{world_.store}.get(id);
}

std::vector<InstanceGroup> Desk::list_groups() {
    return Groups{world_.store}.list();
}

InstanceGroup Desk::change_group(
    const std::string& id, const std::function<void(InstanceGroup&)>& change
) {
    Groups groups{world_.store};
    for (;;) {
        auto group = groups.get(id);
        change(group);
        try {
            groups.save(group);
            return group;
        } catch (const Outdated&) {
            // Somebody else's change is there: this one is made on top of it.
        }
    }
}

InstanceGroup Desk::resize_group(const std::string& id, const Resize& sizes) {
    return change_group(id, [&](InstanceGroup& group) {
        if (group.leaving) {
            throw Error{ErrorKind::conflict, fmt::format("group {} is to go", id)};
        }
        resize(group, sizes);
        group.events.push_back(
            {world_.clock.now(),
             "resized",
             fmt::format("{} machines are wanted", group.request.desired_capacity)}
        );
    });
}

InstanceGroup Desk::remove_group(const std::string& id) {
    return change_group(id, [&](InstanceGroup& group) {
        if (!group.leaving) {
            group.events.push_back({world_.clock.now(), "leaving", "it is to go"});
        }
        group.leaving = true;
    });
}

std::string Desk::sns_message(std::string_view body) {
    const auto message = parse_json(body);
    const auto meaning = read_sns(message);
    if (!world_.aws.verify) {
        throw Error{ErrorKind::denied, "this server takes no messages of SNS"};
    }
    world_.aws.verify(message.as_object());
    want_fresh(message.as_object(), world_.clock.now());
    const auto& topics = world_.settings.sns_topics;
    const auto* topic = message.as_object().if_contains("TopicArn");
    const std::string arn{topic != nullptr && topic->is_string() ? topic->as_string() : ""};
    if (std::find(topics.begin(), topics.end(), arn) == topics.end()) {
        throw Error{ErrorKind::denied, fmt::format("topic '{}' is not of this server's", arn)}.hint(
            "name it in the settings, instances.sns_topics"
        );
    }
    if (const auto* subscription = std::get_if<Subscription>(&meaning)) {
        if (!world_.aws.confirm) {
            return "the subscription is not confirmed: this server cannot";
        }
        world_.aws.confirm(subscription->url);
        return "the subscription is confirmed";
    }
    if (const auto* ignored = std::get_if<Ignored>(&meaning)) {
        return "ignored: " + ignored->why;
    }
    const auto& action = std::get<LifeCycleAction>(meaning);
    auto note = note_of(world_, action.instance);
    note.life_cycle = json::serialize(to_json(action));
    if (action.transition == Transition::terminating) {
        note.expected_state = "down";
    }
    world_.store.put_instance(note);
    expect(world_, action.instance, note.expected_state);
    return fmt::format("{} is {}", action.instance, to_string(action.transition));
}

}  // namespace kiln::instances
