// One state run alone.

#include "flow/test_state/test_state.hpp"

#include "api/states/operations.hpp"

namespace kiln::api::states {

namespace {

flow::InspectionLevel level_of(const Input& input) {
    const auto level = input.maybe_text("inspectionLevel");
    return level == "TRACE"   ? flow::InspectionLevel::trace
           : level == "DEBUG" ? flow::InspectionLevel::debug
                              : flow::InspectionLevel::info;
}

flow::FieldValidation validation_of(const Input& mock) {
    const auto mode = mock.maybe_text("fieldValidationMode");
    return mode == "PRESENT" ? flow::FieldValidation::present
           : mode == "NONE"  ? flow::FieldValidation::none
                             : flow::FieldValidation::strict;
}

std::optional<flow::Mock> mock_of(const Input& input) {
    const auto given = input.object("mock");
    if (!given) {
        return std::nullopt;
    }
    const Input mock{*given};
    flow::Mock made;
    made.result = mock.maybe_text("result");
    made.validation = validation_of(mock);
    if (const auto error = mock.object("errorOutput")) {
        const Input output{*error};
        made.error_output =
            flow::ErrorOutput{output.maybe_text("error"), output.maybe_text("cause")};
    }
    return made;
}

flow::StateConfiguration configuration_of(const Input& input) {
    const auto given = input.object("stateConfiguration");
    if (!given) {
        return {};
    }
    const Input configuration{*given};
    return {
        .retrier_retry_count = configuration.number("retrierRetryCount"),
        .error_caused_by_state = configuration.maybe_text("errorCausedByState"),
        .map_iteration_failure_count = configuration.number("mapIterationFailureCount"),
        .map_item_reader_data = configuration.maybe_text("mapItemReaderData")};
}

flow::TestStateRequest request_of(const Context& context, const Input& input) {
    return {
        .definition = input.text("definition"),
        .state_name = input.maybe_text("stateName"),
        .role_arn = input.maybe_text("roleArn"),
        .input = input.maybe_text("input"),
        .variables = input.maybe_text("variables"),
        .context = input.maybe_text("context"),
        .level = level_of(input),
        .reveal_secrets = input.flag("revealSecrets", false),
        .mock = mock_of(input),
        .configuration = configuration_of(input),
        .place = context.registry.place()};
}

}  // namespace

void test_state(const Context& context, const Input& input, ReplyPtr reply) {
    context.tests.run(request_of(context, input), std::move(reply));
}

}  // namespace kiln::api::states
