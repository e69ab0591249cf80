#include "api/instances/answers.hpp"
#include "api/instances/fields.hpp"
#include "base/suggest.hpp"

#include <algorithm>

#include <fmt/format.h>

/// Answers about builds, their init scripts, and the images they are launched from.
namespace kiln::api::answers {

namespace {

constexpr std::int64_t kMostListed = 1000;
constexpr std::int64_t kUsuallyListed = 100;

template <class One>
json::object wrapped(One&& build) {
    return {{"instance_builds", json::array{std::forward<One>(build)}}};
}

std::optional<std::string> state_of(const Call& call) {
    auto state = call.query("state");
    const std::vector<std::string> known{"pending", "started", "finished", "failed"};
    if (state && std::find(known.begin(), known.end(), *state) == known.end()) {
        throw Error{
            "the query is wrong",
            {{"?state",
              fmt::format("'{}' is no state of a build", *state) + did_you_mean(*state, known)}}};
    }
    return state;
}

}  // namespace

void submit_build(Desk& desk, Call& call, Reply& reply) {
    const auto body = read_wrapped(call, "instance_builds");
    const auto build = desk.submit_build(body, call.query("slack-channel"));
    reply.send(
        202, wrapped(instances::to_json(build)), {{"Location", "/instance-builds/" + build.id}}
    );
}

void list_builds(Desk& desk, Call& call, Reply& reply) {
    ports::InstanceBuildFilter filter;
    filter.state = state_of(call);
    const auto limit = call.query_number("limit", 1, kMostListed, kUsuallyListed);
    filter.limit = static_cast<std::size_t>(limit) + 1;  // one more: is there another page?
    if (const auto after = call.query("after")) {
        filter.older_than = desk.find_build(*after).id;
    }
    auto builds = desk.list_builds(filter);
    const bool more = builds.size() > static_cast<std::size_t>(limit);
    if (more) {
        builds.pop_back();
    }
    json::array shown;
    for (const auto& build : builds) {
        shown.push_back(instances::to_json(build));
    }
    json::object page{{"instance_builds", std::move(shown)}, {"next", nullptr}};
    if (more) {
        page["next"] = builds.back().id;
    }
    reply.send(200, page);
}

void show_build(Desk& desk, Call& call, Reply& reply) {
    reply.send(200, wrapped(desk.show_build(id_of_path(call, "build"))));
}

void finish_build(Desk& desk, Call& call, Reply& reply) {
    const auto fields = read_fields(call, {"state", "instance_id", "slack_channel"});
    if (!fields.contains("state")) {
        throw Error{"the body is wrong", {{"state", "is missing"}}};
    }
    const auto build = desk.finish_build(
        id_of_path(call, "build"),
        {.state = field(fields, "state"),
         .instance_id = field(fields, "instance_id"),
         .slack_channel = call.query("slack-channel").value_or(field(fields, "slack_channel"))}
    );
    reply.send(200, wrapped(instances::to_json(build)));
}

void init_script(Desk& desk, Call& call, Reply& reply) {
    reply.text(
        200, desk.init_script(id_of_path(call, "build")), "text/x-shellscript; charset=utf-8"
    );
}

void list_images(Desk& desk, Call& call, Reply& reply) {
    const auto found = desk.list_images({call.query("role"), flag_of(call, "active")});
    json::array shown;
    for (const auto& image : found.images) {
        shown.push_back(instances::to_json(image));
    }
    reply.send(200, {{"images", std::move(shown)}, {"stale", found.stale}});
}

void activate_image(Desk& desk, Call& call, Reply& reply) {
    const auto image = desk.activate_image(id_of_path(call, "image"), call.query("role"));
    reply.send(200, {{"images", json::array{instances::to_json(image)}}});
}

}  // namespace kiln::api::answers
