#include "api/instances/answers.hpp"
#include "api/instances/fields.hpp"

#include <stdexcept>

#include <fmt/format.h>

/// Answers about instances, and the server itself.
namespace kiln::api::answers {

namespace {

constexpr std::string_view kJson = "application/json";

instances::Caller caller_of(const Call& call) {
    return call.via() == Via::secret ? instances::Caller::machine : instances::Caller::token;
}

/// The instances' own texts, put together: nothing is made anew for a list.
std::string list_text(
    const std::vector<instances::SeenInstance>& all, const instances::Freshness* freshness
) {
    std::size_t size = 0;
    for (const auto& seen : all) {
        size += seen->text.size() + 2;
    }
    constexpr std::size_t kRest = 128;
    std::string out;
    out.reserve(size + kRest);
    out += R"({"instances":[)";
    for (const auto& seen : all) {
        out += seen == all.front() ? "\n" : ",\n";
        out += seen->text;
    }
    out += ']';
    if (freshness != nullptr) {
        out += fmt::format(
            R"(,"as_of":{},"stale":{})",
            freshness->as_of ? '"' + format_time(*freshness->as_of) + '"' : "null",
            freshness->stale
        );
    }
    return out += "}\n";
}

/// Which instance a machine speaks of: required.
std::string instance_in(const BodyFields& fields) {
    auto id = field(fields, "instance_id");
    if (id.empty()) {
        throw Error{"the body is wrong", {{"instance_id", "is missing"}}};
    }
    return id;
}

std::string channel_of(const Call& call, const BodyFields& fields) {
    return call.query("slack-channel").value_or(field(fields, "slack_channel"));
}

}  // namespace

void greet(Desk& /*desk*/, Call& /*call*/, Reply& reply) {
    reply.send(200, {{"greeting", "hello, this is kiln; ask me for a machine"}});
}

void shut_down(Desk& desk, Call& /*call*/, Reply& reply) {
    reply.text(204, "", kJson);
    desk.shutdown();
}

void kaboom(Desk& /*desk*/, Call& /*call*/, Reply& /*reply*/) {
    throw std::runtime_error{"kaboom, as it was asked for"};
}

void list_instances(Desk& desk, Call& call, Reply& reply) {
    const auto found = desk.list_instances(
        {call.query("env"), call.query("site"), call.query("role"), call.query("queue")}
    );
    reply.text(200, list_text(found.instances, &found.freshness), kJson);
}

void show_instance(Desk& desk, Call& call, Reply& reply) {
    reply.text(200, list_text({desk.find_instance(id_of_path(call, "instance"))}, nullptr), kJson);
}

void terminate_instance(Desk& desk, Call& call, Reply& reply) {
    desk.terminate(id_of_path(call, "instance"), call.query("slack-channel").value_or(""));
    reply.send(202, {{"ok", "working on that"}});
}

void heartbeat(Desk& desk, Call& call, Reply& reply) {
    const auto fields = read_fields(call, {"instance_id"});
    const auto seen =
        desk.heartbeat(caller_of(call), id_of_path(call, "build"), instance_in(fields));
    reply.text(200, seen->text + "\n", kJson);
}

void launched(Desk& desk, Call& call, Reply& reply) {
    const auto fields = read_fields(call, {"instance_id", "slack_channel"});
    const auto seen = desk.launched(
        caller_of(call), id_of_path(call, "build"), instance_in(fields), channel_of(call, fields)
    );
    reply.send(200, {{"yay", seen->instance.id.str()}});
}

void terminated(Desk& desk, Call& call, Reply& reply) {
    const auto fields = read_fields(call, {"instance_id", "slack_channel"});
    const auto seen = desk.terminated(
        caller_of(call), id_of_path(call, "build"), instance_in(fields), channel_of(call, fields)
    );
    reply.send(200, {{"yay", seen->instance.id.str()}});
}

}  // namespace kiln::api::answers
