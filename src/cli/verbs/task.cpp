// Verbs of a worker that is a person or a script.

#include "cli/execution_wait.hpp"
#include "cli/read_request.hpp"
#include "cli/verbs.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace kiln::cli::verbs {

namespace {

const Option kServer{
    .name = "server", .value = "URL", .help = "the server to ask (default: that of this home)"};
const Argument kToken{"TOKEN", "the task's token, as `kiln task take` printed it"};

StatesApi& api_of(Context& context) {
    return context.services.states(context.arguments.one("server"));
}

int take(Context& context) {
    constexpr std::chrono::seconds kPoll{75};  // the server answers after 60
    auto& api = api_of(context);
    const auto& arguments = context.arguments;
    const auto activity = activity_arn(api, *arguments.one("ACTIVITY"), context.stop);
    const auto worker =
        arguments.one_or("worker", fmt::format("kiln-task-{}", static_cast<int>(::getpid())));
    const auto answer = api.call(
        "GetActivityTask", {{"activityArn", activity}, {"workerName", worker}}, context.stop, kPoll
    );
    const auto token = text_in(answer, "taskToken");
    if (token.empty()) {
        throw Error{ErrorKind::timed_out, "no task came"};
    }
    const auto input = text_in(answer, "input");
    if (context.json) {
        context.output.document({{"token", token}, {"input", parse_json(input)}});
    } else {
        context.output.line(token);
        context.output.line(input);
    }
    return 0;
}

std::string output_of(const Arguments& arguments) {
    const auto text = arguments.one("output");
    const auto file = arguments.one("file");
    if (text && file) {
        throw Error{ErrorKind::invalid, "the output is given by --output or --file, one of them"};
    }
    if (file) {
        return json_text(read_text(*file), *file);
    }
    return text ? json_text(*text, "--output") : "{}";
}

int succeed(Context& context) {
    const auto output = output_of(context.arguments);
    (void)api_of(context).call(
        "SendTaskSuccess",
        {{"taskToken", *context.arguments.one("TOKEN")}, {"output", output}},
        context.stop
    );
    return 0;
}

int fail(Context& context) {
    json::object input{{"taskToken", *context.arguments.one("TOKEN")}};
    for (const auto* name : {"error", "cause"}) {
        if (const auto text = context.arguments.one(name)) {
            input[name] = *text;
        }
    }
    (void)api_of(context).call("SendTaskFailure", input, context.stop);
    return 0;
}

int heartbeat(Context& context) {
    (void)api_of(context).call(
        "SendTaskHeartbeat", {{"taskToken", *context.arguments.one("TOKEN")}}, context.stop
    );
    return 0;
}

}  // namespace

Verb task_take() {
    return {
        .path = "task take",
        .summary = "take a task of an activity",
        .text =
            "Waits for one, for a minute at most. Prints its token and, on the next line, its "
            "input.",
        .arguments = {{"ACTIVITY", "name or ARN of an activity"}},
        .options =
            {{.name = "worker",
              .value = "NAME",
              .help = "who takes it, for the history (default: this process)"},
             kServer},
        .examples = {{"kiln task take approve", "the oldest one that waits"}},
        .needs = Needs::nothing,
        .run = take,
    };
}

Verb task_succeed() {
    return {
        .path = "task succeed",
        .summary = "report that a task is done",
        .text = "",
        .arguments = {kToken},
        .options =
            {{.name = "output", .value = "JSON", .help = "its output (default {})"},
             {.name = "file", .value = "FILE", .help = "its output is in a file; - is stdin"},
             kServer},
        .examples =
            {{"kiln task succeed TOKEN --output '{\"approved\": true}'", "the execution goes on"}},
        .needs = Needs::nothing,
        .run = succeed,
        .json = false,
    };
}

Verb task_fail() {
    return {
        .path = "task fail",
        .summary = "report that a task failed",
        .text = "",
        .arguments = {kToken},
        .options =
            {{.name = "error",
              .value = "NAME",
              .help = "the error's name, which Retry and Catch see"},
             {.name = "cause", .value = "TEXT", .help = "what happened"},
             kServer},
        .examples = {{"kiln task fail TOKEN --error Rejected --cause 'too dear'", "by its name"}},
        .needs = Needs::nothing,
        .run = fail,
        .json = false,
    };
}

Verb task_heartbeat() {
    return {
        .path = "task heartbeat",
        .summary = "report that a task is still worked on",
        .text = "For tasks with HeartbeatSeconds, which fail when nothing is heard for so long.",
        .arguments = {kToken},
        .options = {kServer},
        .examples = {{"kiln task heartbeat TOKEN", "one sign of life"}},
        .needs = Needs::nothing,
        .run = heartbeat,
        .json = false,
    };
}

}  // namespace kiln::cli::verbs
