#include "flow/test_state/test_state.hpp"

#include "flow/test_state/request_rules.hpp"
#include "flow/test_state/state_test.hpp"

namespace kiln::flow {

TestStateOutcome test_state(const TestStateRequest& request, World& world, const Limits& limits) {
    auto found = find_tested(request);
    if (auto* const refusal = std::get_if<Refusal>(&found)) {
        return std::move(*refusal);
    }
    auto& tested = std::get<TestedState>(found);
    if (auto refusal = refuse_request(request, *tested.state)) {
        return *std::move(refusal);
    }
    const auto test = std::make_shared<StateTest>(request, std::move(tested), world, limits);
    return test->run(test);
}

json::object finish_test(const TestCall& call, const CallEnd& end, World& world) {
    return call.rest->finish(end, world);
}

}  // namespace kiln::flow
