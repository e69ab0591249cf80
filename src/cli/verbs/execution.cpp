// Verbs that start and end executions.

#include "base/hex.hpp"
#include "base/random.hpp"
#include "cli/execution_wait.hpp"
#include "cli/read_request.hpp"
#include "cli/verbs.hpp"

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

const Option kServer{
    .name = "server", .value = "URL", .help = "the server to ask (default: that of this home)"};
const Argument kExecution{"EXECUTION", "its ARN, or MACHINE:NAME"};

StatesApi& api_of(Context& context) {
    return context.services.states(context.arguments.one("server"));
}

/// Of --input or --file; "{}" without them.
std::string input_of(const Arguments& arguments) {
    const auto text = arguments.one("input");
    const auto file = arguments.one("file");
    if (text && file) {
        throw Error{ErrorKind::invalid, "the input is given by --input or --file, one of them"};
    }
    if (file) {
        return json_text(read_text(*file), *file);
    }
    return text ? json_text(*text, "--input") : "{}";
}

/// Prints how it ended. @returns  the exit code
int report_end(const Context& context, const json::object& answer) {
    const auto status = text_in(answer, "status");
    if (context.json) {
        context.output.document(with_times(answer));
    } else if (status == "SUCCEEDED") {
        context.output.line(text_in(answer, "output"));
    } else {
        const auto error = text_in(answer, "error");
        const auto cause = text_in(answer, "cause");
        context.output.remark(fmt::format(
            "kiln: {}{}{}{}{}\n",
            status,
            error.empty() ? "" : ": ",
            error,
            cause.empty() ? "" : ": ",
            cause
        ));
    }
    return status == "SUCCEEDED" ? 0 : 1;
}

bool is_express(StatesApi& api, const std::string& arn, const std::stop_token& stop) {
    const auto machine = api.call("DescribeStateMachine", {{"stateMachineArn", arn}}, stop);
    return text_in(machine, "type") == "EXPRESS";
}

int start(Context& context) {
    constexpr std::chrono::seconds kLongestExpress{330};
    const auto& arguments = context.arguments;
    const auto input = input_of(arguments);
    auto& api = api_of(context);
    const auto machine = machine_arn(api, *arguments.one("MACHINE"), context.stop);
    // A name of our own: an answer that is lost on the way makes no second execution.
    const auto name = arguments.one_or("name", to_hex(random_bytes<16>()));
    json::object call{{"stateMachineArn", machine}, {"input", input}, {"name", name}};
    if (arguments.has("wait") && is_express(api, machine, context.stop)) {
        return report_end(
            context, api.call("StartSyncExecution", call, context.stop, kLongestExpress)
        );
    }
    const auto started = api.call("StartExecution", call, context.stop);
    const auto arn = text_in(started, "executionArn");
    if (arguments.has("wait")) {
        context.output.remark(arn + "\n");
        return report_end(context, wait_for_end(api, arn, context.stop));
    }
    if (context.json) {
        context.output.document(with_times(started));
    } else {
        context.output.line(arn);
    }
    return 0;
}

int stop(Context& context) {
    auto& api = api_of(context);
    const auto& arguments = context.arguments;
    json::object input{
        {"executionArn", execution_arn(api, *arguments.one("EXECUTION"), context.stop)}};
    for (const auto* name : {"error", "cause"}) {
        if (const auto text = arguments.one(name)) {
            input[name] = *text;
        }
    }
    const auto answer = api.call("StopExecution", input, context.stop);
    if (context.json) {
        context.output.document(with_times(answer));
    }
    return 0;
}

int redrive(Context& context) {
    auto& api = api_of(context);
    const auto arn = execution_arn(api, *context.arguments.one("EXECUTION"), context.stop);
    const auto answer = api.call(
        "RedriveExecution",
        {{"executionArn", arn}, {"clientToken", to_hex(random_bytes<16>())}},
        context.stop
    );
    if (context.arguments.has("wait")) {
        return report_end(context, wait_for_end(api, arn, context.stop));
    }
    if (context.json) {
        context.output.document(with_times(answer));
    }
    return 0;
}

}  // namespace

Verb execution_start() {
    return {
        .path = "execution start",
        .summary = "start an execution of a state machine",
        .text =
            "Prints its ARN; with --wait its output once it has succeeded, else error and cause "
            "on stderr, and exits 1.",
        .arguments = {{"MACHINE", "name or ARN of a state machine, a version or an alias"}},
        .options =
            {{.name = "input", .value = "JSON", .help = "its input (default {})"},
             {.name = "file", .value = "FILE", .help = "its input is in a file; - is stdin"},
             {.name = "name",
              .value = "NAME",
              .help = "its name; the same one with the same input starts it once"},
             {.name = "wait", .help = "wait for its end"},
             kServer},
        .examples =
            {{"kiln execution start orders --input '{\"id\": 7}' --wait", "and print the output"}},
        .needs = Needs::nothing,
        .run = start,
    };
}

Verb execution_stop() {
    return {
        .path = "execution stop",
        .summary = "stop an execution",
        .text = "",
        .arguments = {kExecution},
        .options =
            {{.name = "error", .value = "NAME", .help = "an error's name, for the history"},
             {.name = "cause", .value = "TEXT", .help = "why, for the history"},
             kServer},
        .examples = {{"kiln execution stop orders:o-7 --cause 'wrong customer'", "for good"}},
        .needs = Needs::nothing,
        .run = stop,
    };
}

Verb execution_redrive() {
    return {
        .path = "execution redrive",
        .summary = "go on with an execution that failed",
        .text = "It goes on at what failed; what succeeded keeps its results.",
        .arguments = {kExecution},
        .options = {{.name = "wait", .help = "wait for its end"}, kServer},
        .examples = {{"kiln execution redrive orders:o-7", "once the cause is gone"}},
        .needs = Needs::nothing,
        .run = redrive,
    };
}

}  // namespace kiln::cli::verbs
