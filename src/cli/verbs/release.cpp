// Verbs that turn a plan of releases into a state machine.

#include "asl/parse.hpp"
#include "asl/render.hpp"
#include "cli/colored_json.hpp"
#include "cli/release_target.hpp"
#include "cli/verbs.hpp"

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

const Argument kPlan{"PLAN", "the plan (default: release.toml)", Argument::Count::optional};
const Option kFunctions{
    .name = "functions",
    .value = "ARN",
    .help = "a Lambda function that answers the machine's functions (default: kiln's server does)"};

std::string plan_file(const Context& context) {
    return context.arguments.one_or("PLAN", kUsualPlan);
}

/// The machine as it would be in an account without a server.
json::object definition_of(const Context& context, const release::Plan& plan) {
    const auto functions = context.arguments.one_or("functions", "");
    return release::generate(
        plan,
        {.activities =
             fmt::format("arn:aws:states:us-east-1:{}:activity:", context.config.local_account),
         .functions = functions,
         .tick = functions.empty()}
    );
}

asl::StateMachinePtr machine_of(const json::object& definition) {
    const auto parsed = asl::parse_definition(json::serialize(definition));
    if (parsed.machine == nullptr) {
        std::vector<Problem> problems;
        for (const auto& diagnostic : parsed.diagnostics) {
            problems.push_back({diagnostic.location, diagnostic.message});
        }
        throw Error{"the plan's state machine would be refused", std::move(problems)};
    }
    return parsed.machine;
}

int check(Context& context) {
    const auto plan = read_plan(plan_file(context));
    const auto definition = definition_of(context, plan);
    static_cast<void>(machine_of(definition));
    if (context.json) {
        context.output.document({{"name", plan.name}, {"plan", release::to_json(plan)}});
    } else {
        context.output.line(fmt::format(
            "{}: {} steps, {} distros, a definition of {} bytes",
            plan.name,
            plan.steps.size(),
            plan.distros.known.size(),
            json::serialize(definition).size()
        ));
    }
    return 0;
}

int preview(Context& context) {
    const auto plan = read_plan(context.arguments.one_or("plan", kUsualPlan));
    const auto& words = context.arguments.all("WORD");
    if (!words.empty()) {
        const auto order = release::parse_words(
            release::vocabulary_of(plan), words, context.services.clock().now()
        );
        context.output.remark(fmt::format("asks for {}\n", json::serialize(release::to_json(order)))
        );
    }
    const auto definition = definition_of(context, plan);
    const auto format = context.arguments.one_or("format", "json");
    if (format == "json") {
        context.output.print(colored_json(definition, context.output.out_terminal()));
    } else {
        const auto machine = machine_of(definition);
        context.output.print(
            format == "svg" ? asl::render_svg(*machine) : asl::render_text(*machine)
        );
    }
    return 0;
}

int deploy(Context& context) {
    const auto plan = read_plan(plan_file(context));
    static_cast<void>(machine_of(definition_of(context, plan)));
    const auto role = context.arguments.one_or(
        "role", fmt::format("arn:aws:iam::{}:role/kiln", context.config.local_account)
    );
    const auto done = deploy_release(
        context.services.states(context.arguments.one("server")),
        plan,
        context.arguments.one_or("functions", ""),
        role,
        context.stop
    );
    const auto* what = done.what == Deployment::What::made      ? "made"
                       : done.what == Deployment::What::changed ? "changed"
                                                                : "unchanged";
    if (context.json) {
        context.output.document(
            {{"stateMachineArn", done.machine},
             {"what", what},
             {"activities", json::array(done.activities.begin(), done.activities.end())}}
        );
    } else {
        context.output.line(done.machine);
        context.output.remark(fmt::format("{}, with {} activities\n", what, done.activities.size())
        );
    }
    return 0;
}

}  // namespace

Verb release_check() {
    return {
        .path = "release check",
        .summary = "say all that is wrong with a plan of releases",
        .text =
            "Every fault is told at once, with file, line and column, and what would be right; "
            "exits 2 then. Needs no server.",
        .arguments = {kPlan},
        .options = {kFunctions},
        .examples = {{"kiln release check", "of release.toml, before it is deployed"}},
        .needs = Needs::nothing,
        .run = check,
    };
}

Verb release_preview() {
    return {
        .path = "release preview",
        .summary = "show the state machine that a plan makes",
        .text =
            "Its definition as JSON, coloured on a terminal, or a picture. With words it says what "
            "they ask for, too. Needs no server.",
        .arguments = {{"WORD", "a version, a distro or a step", Argument::Count::any}},
        .options =
            {{.name = "plan", .value = "FILE", .help = "the plan (default: release.toml)"},
             {.name = "format",
              .value = "FORMAT",
              .help = "json (the default), svg or text",
              .choices = {"json", "svg", "text"}},
             kFunctions},
        .examples =
            {{"kiln release preview --format text", "states and their transitions"},
             {"kiln release preview --format svg > release.svg", "a picture"}},
        .needs = Needs::nothing,
        .run = preview,
        .json = false,
    };
}

Verb release_deploy() {
    return {
        .path = "release deploy",
        .summary = "make or change the state machine of a plan",
        .text =
            "And its activities: one for each step, and two that a kiln server serves. Deployed "
            "again, an unchanged plan changes nothing. Releases that run keep what they were "
            "started with.",
        .arguments = {kPlan},
        .options =
            {kFunctions,
             {.name = "role",
              .value = "ARN",
              .help = "the role it runs as, for AWS' sake (default: one named kiln)"},
             {.name = "server",
              .value = "URL",
              .help = "the server to ask (default: that of this home)"}},
        .examples = {{"kiln release deploy", "the plan in release.toml"}},
        .needs = Needs::nothing,
        .run = deploy,
    };
}

}  // namespace kiln::cli::verbs
