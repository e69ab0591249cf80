#include "api/instances/answers.hpp"
#include "api/instances/fields.hpp"

/// Answers about groups that keep N machines, and life-cycle notices.
namespace kiln::api::answers {

namespace {

constexpr std::string_view kKey = "autoscaling_group_builds";

json::object wrapped(const instances::InstanceGroup& group) {
    return {{kKey, json::array{instances::to_json(group)}}};
}

}  // namespace

void submit_group(Desk& desk, Call& call, Reply& reply) {
    const auto body = read_wrapped(call, kKey);
    const auto group = desk.submit_group(body, call.query("slack-channel"));
    reply.send(202, wrapped(group), {{"Location", "/autoscaling-group-builds/" + group.id}});
}

void list_groups(Desk& desk, Call& /*call*/, Reply& reply) {
    json::array shown;
    for (const auto& group : desk.list_groups()) {
        shown.push_back(instances::to_json(group));
    }
    reply.send(200, {{kKey, std::move(shown)}});
}

void show_group(Desk& desk, Call& call, Reply& reply) {
    reply.send(200, wrapped(desk.find_group(id_of_path(call, "group"))));
}

void resize_group(Desk& desk, Call& call, Reply& reply) {
    const auto body = read_wrapped(call, kKey);
    reply.send(200, wrapped(desk.resize_group(id_of_path(call, "group"), read_resize(body))));
}

void remove_group(Desk& desk, Call& call, Reply& reply) {
    reply.send(202, wrapped(desk.remove_group(id_of_path(call, "group"))));
}

void sns_message(Desk& desk, Call& call, Reply& reply) {
    if (call.request().body.size() > kMostBody) {
        throw Error{ErrorKind::invalid, "a message of SNS has at most 256 KiB"};
    }
    reply.send(200, {{"sns_messages", json::array{desk.sns_message(call.request().body)}}});
}

}  // namespace kiln::api::answers
