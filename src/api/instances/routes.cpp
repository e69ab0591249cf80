#include "api/instances/routes.hpp"

#include "api/instances/answers.hpp"

#include <memory>

namespace kiln::api {

namespace {

using Answer = void (*)(instances::Desk&, Call&, Reply&);

/// Where a route's work is done.
enum class Where {
    here,   ///< memory, or a row of the store
    aside,  ///< it may wait
};

/// Who may come in besides those with the token.
enum class Also { nobody, everybody, machine, token_as_password };

struct Row {
    const char* method;
    const char* pattern;
    std::vector<std::string> query;
    Also also;
    Where where;
    Answer answer;
};

std::vector<Row> machine_rows() {
    using enum Also;
    using enum Where;
    return {
        {"GET", "/", {}, everybody, here, answers::greet},
        {"DELETE", "/", {}, nobody, here, answers::shut_down},
        {"POST", "/kaboom", {}, nobody, here, answers::kaboom},
        {"GET",
         "/instances",
         {"env", "site", "role", "queue"},
         nobody,
         here,
         answers::list_instances},
        {"GET", "/instances/{id}", {}, nobody, here, answers::show_instance},
        {"DELETE",
         "/instances/{id}",
         {"slack-channel"},
         nobody,
         aside,
         answers::terminate_instance},
        {"POST", "/instance-heartbeats/{id}", {}, machine, aside, answers::heartbeat},
        {"POST", "/instance-launches/{id}", {"slack-channel"}, machine, aside, answers::launched},
        {"POST",
         "/instance-terminations/{id}",
         {"slack-channel"},
         machine,
         aside,
         answers::terminated},
    };
}

std::vector<Row> build_rows() {
    using enum Also;
    using enum Where;
    return {
        {"POST", "/instance-builds", {"slack-channel"}, nobody, aside, answers::submit_build},
        {"GET",
         "/instance-builds",
         {"state", "after", "limit"},
         nobody,
         here,
         answers::list_builds},
        {"GET", "/instance-builds/{id}", {}, nobody, here, answers::show_build},
        {"PATCH",
         "/instance-builds/{id}",
         {"slack-channel"},
         machine,
         aside,
         answers::finish_build},
        {"GET", "/init-scripts/{id}", {}, machine, here, answers::init_script},
        {"GET", "/images", {"active", "role"}, nobody, here, answers::list_images},
        {"PUT", "/images/{id}/active", {"role"}, nobody, aside, answers::activate_image},
    };
}

std::vector<Row> group_rows() {
    using enum Also;
    using enum Where;
    constexpr const char* kGroup = "/autoscaling-group-builds/{id}";
    return {
        {"POST",
         "/autoscaling-group-builds",
         {"slack-channel"},
         nobody,
         aside,
         answers::submit_group},
        {"GET", "/autoscaling-group-builds", {}, nobody, here, answers::list_groups},
        {"GET", kGroup, {}, nobody, here, answers::show_group},
        {"PATCH", kGroup, {}, nobody, aside, answers::resize_group},
        {"DELETE", kGroup, {}, nobody, aside, answers::remove_group},
        {"POST", "/sns-messages", {}, token_as_password, aside, answers::sns_message},
    };
}

void answer_aside(const InstancesWorld& world, Answer answer, Call& call, Reply& reply) {
    struct Kept {
        Call call;
        Reply reply;
    };

    auto kept = std::make_shared<Kept>(Kept{std::move(call), std::move(reply)});
    const bool taken = world.aside([&desk = world.desk, answer, kept] {
        try {
            answer(desk, kept->call, kept->reply);
        } catch (...) {
            const auto error = as_error(std::current_exception());
            if (kept->reply) {
                kept->reply.error(error);
            }
        }
    });
    if (!taken && kept->reply) {
        kept->reply.error(Error{ErrorKind::unavailable, "too much waits already"}.retry_after(
            std::chrono::seconds{1}
        ));
    }
}

Route route_of(const std::shared_ptr<const InstancesWorld>& world, const Row& row) {
    Route route{
        row.method,
        row.pattern,
        row.query,
        row.also == Also::everybody ? Access::open : Access::token,
        {},
        plain_error_body};
    if (row.where == Where::here) {
        route.answer = [world, answer = row.answer](Call& call, Reply& reply) {
            answer(world->desk, call, reply);
        };
    } else {
        route.answer = [world, answer = row.answer](Call& call, Reply& reply) {
            answer_aside(*world, answer, call, reply);
        };
    }
    if (row.also == Also::machine) {
        route.opens = [world](const std::string& build, std::string_view secret) {
            return world->desk.admits(build, secret);
        };
    } else if (row.also == Also::token_as_password) {
        route.opens = [world](const std::string& /*id*/, std::string_view password) {
            return world->is_token(password);
        };
    }
    return route;
}

}  // namespace

std::vector<Route> instance_routes(InstancesWorld world) {
    const auto shared = std::make_shared<const InstancesWorld>(std::move(world));
    std::vector<Route> routes;
    for (const auto& rows : {machine_rows(), build_rows(), group_rows()}) {
        for (const auto& row : rows) {
            routes.push_back(route_of(shared, row));
        }
    }
    return routes;
}

}  // namespace kiln::api
