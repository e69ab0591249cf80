#include "flow/test_state/test_surroundings.hpp"

#include "flow/test_state/context_rules.hpp"
#include "flow/test_state/request_rules.hpp"

#include <fmt/format.h>

namespace kiln::flow {
namespace {

/// What AWS calls every tested state in its context object, whatever the definition calls it.
constexpr std::string_view kStateName = "StateName";

bool is_retried(const asl::State& state) noexcept {
    return state.type == asl::StateType::task || state.type == asl::StateType::parallel ||
           state.type == asl::StateType::map;
}

/// As of an express execution, named at random, that begins with this state.
json::value made_context(
    const TestStateRequest& request, const asl::State& state, const json::value& input, World& world
) {
    const auto name = world.uuid();
    const auto machine = world.uuid();
    const auto now = format_time(world.now());
    const auto& place = request.place;
    json::object execution{
        {"Id",
         fmt::format(
             "arn:{}:states:{}:{}:express:{}:{}",
             place.partition,
             place.region,
             place.account,
             machine,
             name
         )},
        {"Input", input},
        {"Name", name},
        {"RoleArn", request.role_arn ? json::value(*request.role_arn) : json::value(nullptr)},
        {"StartTime", now}};
    json::object shown_state{{"Name", kStateName}, {"EnteredTime", now}};
    if (is_retried(state)) {
        shown_state["RetryCount"] = request.configuration.retrier_retry_count.value_or(0);
    }
    json::object context{
        {"Execution", std::move(execution)},
        {"StateMachine",
         json::object{{"Id", asl::state_machine_arn(place, machine)}, {"Name", machine}}},
        {"State", std::move(shown_state)}};
    if (has_task_token(state)) {
        context["Task"] = json::object{{"Token", world.token(1)}};
    }
    return context;
}

}  // namespace

TestSurroundings::TestSurroundings(
    const TestStateRequest& request, const asl::State& state, const Payload& input, World& world
)
    : world_{&world} {
    auto given = request.context ? read_payload(*request.context) : std::nullopt;
    own_ = std::make_shared<json::value>(
        given ? *std::move(given) : made_context(request, state, *input, world)
    );
    context_ = own_;
    const auto variables = read_payload(request.variables.value_or("{}"));
    if (variables && variables->is_object()) {
        for (const auto& variable : variables->get_object()) {
            variables_[std::string{variable.key()}] =
                std::make_shared<const json::value>(variable.value());
        }
    }
    scopes_.push_back(&variables_);
}

/// The context holds the whole input: it is changed in place, unless a result still shares it.
void TestSurroundings::look_at(const Payload& map) {
    constexpr long kOurs = 2;
    if (own_.use_count() > kOurs) {
        own_ = std::make_shared<json::value>(*own_);
        context_ = own_;
    }
    auto& context = own_->get_object();
    if (map != nullptr) {
        context["Map"] = *map;
    } else {
        context.erase("Map");
    }
}

}  // namespace kiln::flow
