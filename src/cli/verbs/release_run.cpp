// Verbs that start releases and look at them.

#include "base/hex.hpp"
#include "base/random.hpp"
#include "cli/bake_runner.hpp"
#include "cli/execution_wait.hpp"
#include "cli/release_follow.hpp"
#include "cli/release_target.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"
#include "release/names.hpp"

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

const Option kServer{
    .name = "server", .value = "URL", .help = "the server to ask (default: that of this home)"};
const Option kPlan{
    .name = "plan",
    .value = "FILE",
    .help = "the plan that names the machine (default: release.toml)"};
const Option kMachine{
    .name = "machine", .value = "NAME", .help = "the state machine itself, without a plan at hand"};
const Argument kName{
    "NAME", "a release's name or ARN (default: the newest)", Argument::Count::optional};

StatesApi& api_of(Context& context) {
    return context.services.states(context.arguments.one("server"));
}

std::string user_of(const Context& /*context*/) {
    for (const auto& [name, value] : environment()) {
        if ((name == "USER" || name == "LOGNAME") && !value.empty()) {
            return value;
        }
    }
    return "";
}

json::object describe(StatesApi& api, const std::string& arn, const std::stop_token& stop) {
    return api.call("DescribeExecution", {{"executionArn", arn}}, stop);
}

json::object document_of(const json::object& description, const ReleaseFollower& follower) {
    json::object out{
        {"name", text_in(description, "name")},
        {"executionArn", text_in(description, "executionArn")},
        {"status", text_in(description, "status")}};
    for (const auto* key : {"error", "cause"}) {
        if (const auto text = text_in(description, key); !text.empty()) {
            out[key] = text;
        }
    }
    const auto view = follower.view(description);
    out["summary"] = release::count_outcomes(view.outcomes);
    constexpr std::size_t kAll = 16U << 20;
    out["results"] = release::normalize(view.outcomes, kAll);
    return out;
}

/// How it stands, or how it ended. @returns  the exit code
int report(Context& context, const json::object& description, const ReleaseFollower& follower) {
    const auto status = text_in(description, "status");
    const bool bad = status != "RUNNING" && status != "SUCCEEDED";
    if (context.json) {
        context.output.document(document_of(description, follower));
        return bad ? 1 : 0;
    }
    const auto view = follower.view(description);
    context.output.print(release_table(view, context.output.out_terminal()));
    context.output.line(fmt::format("\n{}: {}", text_in(description, "name"), status));
    if (bad) {
        const auto error = text_in(description, "error");
        const auto cause = text_in(description, "cause");
        context.output.remark(fmt::format(
            "kiln: {}{}{}\n", error.empty() ? status : error, cause.empty() ? "" : ": ", cause
        ));
    }
    return bad ? 1 : 0;
}

int watch(Context& context, const DeployedRelease& release, const std::string& arn) {
    auto& api = api_of(context);
    ReleaseFollower follower{api, arn, release.vocabulary.steps, context.output};
    const auto style = style_of(context);
    const auto end =
        wait_for_end(api, arn, context.stop, [&] { follower.show_progress(style, context.stop); });
    follower.read(context.stop);
    follower.close();
    return report(context, end, follower);
}

/// Words and flags. @throws Error  invalid: each that is none
release::Order order_of(Context& context, const DeployedRelease& release) {
    auto words = context.arguments.all("WORD");
    for (const auto* flag : {"fake-workers", "skip-workers", "test"}) {
        if (context.arguments.has(flag)) {
            words.push_back(std::string{"--"} + flag);
        }
    }
    return release::parse_words(release.vocabulary, words, context.services.clock().now());
}

/// A release of the same words that runs.
std::optional<std::string> running_alike(
    StatesApi& api,
    const DeployedRelease& release,
    const std::string& prefix,
    const std::stop_token& stop
) {
    std::optional<std::string> arn;
    for_each_item(
        api,
        "ListExecutions",
        {{"stateMachineArn", release.machine}, {"statusFilter", "RUNNING"}},
        "executions",
        stop,
        [&](const json::object& execution) {
            if (text_in(execution, "name").starts_with(prefix)) {
                arn = text_in(execution, "executionArn");
            }
            return !arn;
        }
    );
    return arn;
}

std::string start(
    Context& context, const DeployedRelease& release, const std::vector<std::string>& words
) {
    auto& api = api_of(context);
    const bool again = context.arguments.has("again");
    if (!again) {
        const auto prefix = release::execution_prefix(words);
        if (auto arn = running_alike(api, release, prefix, context.stop)) {
            context.output.remark("runs already; --again starts another one\n");
            return *std::move(arn);
        }
    }
    const auto name = release::execution_name(
        words,
        user_of(context),
        context.services.clock().now(),
        again ? to_hex(random_bytes<3>()) : ""
    );
    const auto input = json::serialize(json::value(fmt::format("{}", fmt::join(words, " "))));
    const auto answer = api.call(
        "StartExecution",
        {{"stateMachineArn", release.machine}, {"name", name}, {"input", input}},
        context.stop
    );
    return text_in(answer, "executionArn");
}

int run(Context& context) {
    const auto release = find_release(api_of(context), context);
    const auto words = release::words_of(order_of(context, release));
    const auto arn = start(context, release, words);
    if (context.arguments.has("watch")) {
        context.output.remark(arn + "\n");
        return watch(context, release, arn);
    }
    if (context.json) {
        context.output.document(
            {{"executionArn", arn}, {"words", json::array(words.begin(), words.end())}}
        );
    } else {
        context.output.line(arn);
    }
    return 0;
}

int status(Context& context) {
    auto& api = api_of(context);
    const auto release = find_release(api, context);
    const auto arn = find_execution(api, release, context.arguments.one("NAME"), context.stop);
    if (context.arguments.has("follow")) {
        return watch(context, release, arn);
    }
    ReleaseFollower follower{api, arn, release.vocabulary.steps, context.output};
    follower.read(context.stop);
    static_cast<void>(report(context, describe(api, arn, context.stop), follower));
    return 0;
}

int list(Context& context) {
    constexpr std::size_t kMost = 100;
    auto& api = api_of(context);
    const auto release = find_release(api, context);
    json::array all;
    Table table{{{"NAME", false, true}, {"STATUS"}, {"STARTED"}, {"STOPPED"}}};
    for_each_item(
        api,
        "ListExecutions",
        {{"stateMachineArn", release.machine}},
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
            return all.size() < kMost;
        }
    );
    if (context.json) {
        context.output.document(all);
    } else {
        context.output.print(table.text(context.output.out_terminal()));
    }
    return 0;
}

int stop(Context& context) {
    auto& api = api_of(context);
    const auto release = find_release(api, context);
    const auto arn = find_execution(api, release, context.arguments.one("NAME"), context.stop);
    const auto answer = api.call(
        "StopExecution",
        {{"executionArn", arn},
         {"error", "Release.Stopped"},
         {"cause", context.arguments.one_or("cause", "kiln release stop")}},
        context.stop
    );
    if (context.json) {
        context.output.document(with_times(answer));
    }
    return 0;
}

int retry(Context& context) {
    auto& api = api_of(context);
    const auto release = find_release(api, context);
    const auto arn = find_execution(api, release, context.arguments.one("NAME"), context.stop);
    const auto answer = api.call(
        "RedriveExecution",
        {{"executionArn", arn}, {"clientToken", to_hex(random_bytes<16>())}},
        context.stop
    );
    if (context.arguments.has("watch")) {
        return watch(context, release, arn);
    }
    if (context.json) {
        context.output.document(with_times(answer));
    }
    return 0;
}

Verb run_verb(std::string path) {
    return {
        .path = std::move(path),
        .summary = "start a release",
        .text =
            "Of any versions, distros and steps, in any order; without distros all that a version "
            "supports, without steps all that are not done yet, without a version today's nightly "
            "(UTC). Prints the execution's ARN. The same release that runs already is not started "
            "twice. With --watch exits 1 when a step failed.",
        .arguments = {{"WORD", "a version, a distro or a step", Argument::Count::any}},
        .options =
            {{.name = "watch", .help = "show each step as it goes, until the end"},
             {.name = "fake-workers", .help = "real workers, with a script that only sleeps"},
             {.name = "skip-workers", .help = "start none: tasks are taken by hand"},
             {.name = "test", .help = "a test build: its steps alone, and failures are final"},
             {.name = "again", .help = "also when the same release runs already"},
             kPlan,
             kMachine,
             kServer},
        .examples =
            {{"kiln release 4.28.2 ubuntu-22.04-jammy --watch", "one version for one distro"},
             {"kiln release --fake-workers", "try the machine with today's nightly"}},
        .needs = Needs::nothing,
        .run = run,
    };
}

}  // namespace

Verb release() {
    return run_verb("release");
}

Verb release_run() {
    auto verb = run_verb("release run");
    verb.summary = "the same as kiln release";
    return verb;
}

Verb release_status() {
    return {
        .path = "release status",
        .summary = "show how a release stands",
        .text =
            "A row for each version and distro, a column for each step. With --follow until "
            "its end; exits 1 then when a step failed.",
        .arguments = {kName},
        .options = {{.name = "follow", .help = "until it ends"}, kPlan, kMachine, kServer},
        .examples = {{"kiln release status", "of the newest one"}},
        .needs = Needs::nothing,
        .run = status,
    };
}

Verb release_list() {
    return {
        .path = "release list",
        .summary = "list releases, newest first",
        .text = "The newest 100.",
        .options = {kPlan, kMachine, kServer},
        .examples = {{"kiln release list --machine hhvm", "without the plan at hand"}},
        .needs = Needs::nothing,
        .run = list,
    };
}

Verb release_stop() {
    return {
        .path = "release stop",
        .summary = "stop a release",
        .text = "Workers that are at its tasks end their scripts.",
        .arguments = {{"NAME", "a release's name or ARN"}},
        .options =
            {{.name = "cause", .value = "TEXT", .help = "why, for the history"},
             kPlan,
             kMachine,
             kServer},
        .examples = {{"kiln release stop 4.28.2-ab12cd34-ann-20261125-120000", "for good"}},
        .needs = Needs::nothing,
        .run = stop,
    };
}

Verb release_retry() {
    return {
        .path = "release retry",
        .summary = "take a release up again that failed",
        .text =
            "What succeeded or was done already is not done again; what failed, and what "
            "waited for it, is.",
        .arguments = {kName},
        .options =
            {{.name = "watch", .help = "show each step as it goes, until the end"},
             kPlan,
             kMachine,
             kServer},
        .examples = {{"kiln release retry --watch", "the newest one, once the cause is gone"}},
        .needs = Needs::nothing,
        .run = retry,
    };
}

}  // namespace kiln::cli::verbs
