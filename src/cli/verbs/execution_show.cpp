// Verbs that look at executions.

#include "cli/execution_wait.hpp"
#include "cli/references.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

constexpr std::size_t kUsualLimit = 100;

const Option kServer{
    .name = "server", .value = "URL", .help = "the server to ask (default: that of this home)"};
const Argument kExecution{"EXECUTION", "its ARN, or MACHINE:NAME"};

StatesApi& api_of(Context& context) {
    return context.services.states(context.arguments.one("server"));
}

std::size_t limit_of(const Arguments& arguments) {
    const auto text = arguments.one("limit");
    if (!text) {
        return kUsualLimit;
    }
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc{} || end != text->data() + text->size() || number == 0) {
        throw Error{
            ErrorKind::invalid, fmt::format("--limit: '{}' is not a number from 1 up", *text)};
    }
    return number;
}

int list(Context& context) {
    auto& api = api_of(context);
    const auto& arguments = context.arguments;
    const auto limit = limit_of(arguments);
    json::object input{
        {"stateMachineArn", machine_arn(api, *arguments.one("MACHINE"), context.stop)}};
    if (const auto status = arguments.one("status")) {
        input["statusFilter"] = *status;
    }
    json::array all;
    Table table{{{"NAME", false, true}, {"STATUS"}, {"STARTED"}, {"STOPPED"}}};
    for_each_item(
        api,
        "ListExecutions",
        std::move(input),
        "executions",
        context.stop,
        [&](const json::object& execution) {
            auto shown = with_times(execution).as_object();
            const auto stopped = text_in(shown, "stopDate");
            table.add(
                {text_in(shown, "name"),
                 text_in(shown, "status"),
                 text_in(shown, "startDate"),
                 stopped.empty() ? "-" : stopped}
            );
            all.push_back(std::move(shown));
            return all.size() < limit;
        }
    );
    if (context.json) {
        context.output.document(all);
    } else {
        context.output.print(table.text(context.output.out_terminal()));
    }
    return 0;
}

int show(Context& context) {
    auto& api = api_of(context);
    const auto arn = execution_arn(api, *context.arguments.one("EXECUTION"), context.stop);
    const auto answer =
        with_times(api.call("DescribeExecution", {{"executionArn", arn}}, context.stop))
            .as_object();
    if (context.json) {
        context.output.document(answer);
        return 0;
    }
    std::vector<std::pair<std::string, std::string>> facts;
    for (const auto& [title, member] : std::initializer_list<std::pair<const char*, const char*>>{
             {"name", "name"},
             {"arn", "executionArn"},
             {"status", "status"},
             {"started", "startDate"},
             {"stopped", "stopDate"},
             {"input", "input"},
             {"output", "output"},
             {"error", "error"},
             {"cause", "cause"},
             {"redrive", "redriveStatus"}}) {
        if (auto text = text_in(answer, member); !text.empty()) {
            facts.emplace_back(title, std::move(text));
        }
    }
    context.output.print(facts_text(facts));
    return 0;
}

/// The member that holds an event's own facts.
const json::object& details_of(const json::object& event) {
    static const json::object kNone;
    for (const auto& [key, value] : event) {
        if (std::string_view{key}.ends_with("EventDetails") && value.is_object()) {
            return value.get_object();
        }
    }
    return kNone;
}

/// What an event is about, in one line.
std::string subject_of(const json::object& event) {
    const auto& details = details_of(event);
    for (const auto* member : {"error", "name", "resource", "workerName", "mapRunArn"}) {
        auto text = text_in(details, member);
        if (text.empty()) {
            continue;
        }
        const auto cause = text_in(details, "cause");
        return member == std::string_view{"error"} && !cause.empty() ? text + ": " + cause : text;
    }
    return "";
}

std::string event_line(const json::object& event) {
    const auto shown = with_times(event).as_object();
    return fmt::format(
        "{:>6}  {}  {:<26} {}",
        event.at("id").to_number<std::int64_t>(),
        text_in(shown, "timestamp"),
        text_in(event, "type"),
        subject_of(event)
    );
}

/// Prints a line, with --json the event.
void print_event(const Context& context, const json::object& event) {
    context.output.line(context.json ? json::serialize(with_times(event)) : event_line(event));
}

int history(Context& context) {
    auto& api = api_of(context);
    json::object input{
        {"executionArn", execution_arn(api, *context.arguments.one("EXECUTION"), context.stop)},
        {"maxResults", 1000},
        {"reverseOrder", context.arguments.has("reverse")}};
    json::array all;
    for_each_item(
        api,
        "GetExecutionHistory",
        std::move(input),
        "events",
        context.stop,
        [&](const json::object& event) {
            if (context.json) {
                all.push_back(with_times(event));
            } else {
                print_event(context, event);
            }
            return true;
        }
    );
    if (context.json) {
        context.output.document(all);
    }
    return 0;
}

int watch(Context& context) {
    auto& api = api_of(context);
    const auto arn = execution_arn(api, *context.arguments.one("EXECUTION"), context.stop);
    std::int64_t last = 0;
    const auto print_new = [&] {
        // Newest first, until what was printed before: a long history is not read again.
        std::vector<json::object> fresh;
        for_each_item(
            api,
            "GetExecutionHistory",
            {{"executionArn", arn}, {"reverseOrder", true}},
            "events",
            context.stop,
            [&](const json::object& event) {
                const bool is_new = event.at("id").to_number<std::int64_t>() > last;
                if (is_new) {
                    fresh.push_back(event);
                }
                return is_new;
            }
        );
        for (auto event = fresh.rbegin(); event != fresh.rend(); ++event) {
            print_event(context, *event);
            last = event->at("id").to_number<std::int64_t>();
        }
    };
    const auto end = wait_for_end(api, arn, context.stop, print_new);
    print_new();
    return text_in(end, "status") == "SUCCEEDED" ? 0 : 1;
}

}  // namespace

Verb execution_list() {
    return {
        .path = "execution list",
        .summary = "list the executions of a state machine, newest first",
        .text = "",
        .arguments = {{"MACHINE", "name or ARN of a state machine"}},
        .options =
            {{.name = "status",
              .value = "STATUS",
              .help = "only those of this status",
              .choices = {"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}},
             {.name = "limit", .value = "N", .help = "at most so many (default 100)"},
             kServer},
        .examples = {{"kiln execution list orders --status FAILED", "what went wrong"}},
        .needs = Needs::nothing,
        .run = list,
    };
}

Verb execution_show() {
    return {
        .path = "execution show",
        .summary = "show an execution",
        .text = "",
        .arguments = {kExecution},
        .options = {kServer},
        .examples = {{"kiln execution show orders:o-7", "with input and output"}},
        .needs = Needs::nothing,
        .run = show,
    };
}

Verb execution_history() {
    return {
        .path = "execution history",
        .summary = "print what an execution did, event by event",
        .text = "",
        .arguments = {kExecution},
        .options = {{.name = "reverse", .help = "the newest first"}, kServer},
        .examples =
            {{"kiln execution history orders:o-7 --json", "all of it, with inputs and outputs"}},
        .needs = Needs::nothing,
        .run = history,
    };
}

Verb execution_watch() {
    return {
        .path = "execution watch",
        .summary = "print an execution's events as they come, until its end",
        .text = "With --json an event is one line. Exits 1 when the execution did not succeed.",
        .arguments = {kExecution},
        .options = {kServer},
        .examples = {{"kiln execution watch orders:o-7", "what it has done, and what it does"}},
        .needs = Needs::nothing,
        .run = watch,
    };
}

}  // namespace kiln::cli::verbs
