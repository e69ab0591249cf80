// Verbs that change and show the state machines of a server.

#include "cli/read_request.hpp"
#include "cli/references.hpp"
#include "cli/states_api.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

const Option kServer{
    .name = "server", .value = "URL", .help = "the server to ask (default: that of this home)"};
const Option kRole{
    .name = "role",
    .value = "ARN",
    .help = "the role it runs as, for AWS' sake (default: one named kiln)"};
const Option kPublish{.name = "publish", .help = "publish it as a version, too"};
const Argument kMachine{"MACHINE", "name or ARN of a state machine"};
const Argument kFile{"FILE", "its definition in the States Language; - is stdin"};

StatesApi& api_of(Context& context) {
    return context.services.states(context.arguments.one("server"));
}

std::string role_of(const Context& context) {
    return context.arguments.one_or(
        "role", fmt::format("arn:aws:iam::{}:role/kiln", context.config.local_account)
    );
}

void print_arn(Context& context, const json::object& answer, std::string_view member) {
    if (context.json) {
        context.output.document(with_times(answer));
    } else {
        context.output.line(text_in(answer, member));
    }
}

int create(Context& context) {
    const auto& arguments = context.arguments;
    json::object input{
        {"name", *arguments.one("NAME")},
        {"definition", read_text(*arguments.one("FILE"))},
        {"roleArn", role_of(context)},
        {"type", arguments.one_or("type", "STANDARD")}};
    if (arguments.has("publish")) {
        input["publish"] = true;
    }
    print_arn(
        context, api_of(context).call("CreateStateMachine", input, context.stop), "stateMachineArn"
    );
    return 0;
}

int update(Context& context) {
    const auto& arguments = context.arguments;
    auto& api = api_of(context);
    const auto file = arguments.one("FILE");
    if (!file && !arguments.has("role")) {
        throw Error{ErrorKind::invalid, "nothing to change: give FILE, or --role"};
    }
    const auto arn = machine_arn(api, *arguments.one("MACHINE"), context.stop);
    json::object input{{"stateMachineArn", arn}};
    if (file) {
        input["definition"] = read_text(*file);
    }
    if (const auto role = arguments.one("role")) {
        input["roleArn"] = *role;
    }
    if (arguments.has("publish")) {
        input["publish"] = true;
    }
    const auto answer = api.call("UpdateStateMachine", input, context.stop);
    if (context.json) {
        context.output.document(with_times(answer));
    }
    return 0;
}

int list(Context& context) {
    json::array all;
    Table table{{{"NAME"}, {"TYPE"}, {"CREATED"}}};
    const auto add = [&](const json::object& machine) {
        auto shown = with_times(machine).as_object();
        table.add(
            {text_in(shown, "name"),
             text_in(shown, "type"),
             text_in(shown, "creationDate").substr(0, 19) + "Z"}
        );
        all.push_back(std::move(shown));
        return true;
    };
    for_each_item(api_of(context), "ListStateMachines", {}, "stateMachines", context.stop, add);
    if (context.json) {
        context.output.document(all);
    } else {
        context.output.print(table.text(context.output.out_terminal()));
    }
    return 0;
}

int show(Context& context) {
    auto& api = api_of(context);
    const auto arn = machine_arn(api, *context.arguments.one("MACHINE"), context.stop);
    const auto answer =
        with_times(api.call("DescribeStateMachine", {{"stateMachineArn", arn}}, context.stop))
            .as_object();
    const auto definition = text_in(answer, "definition");
    if (context.arguments.has("definition")) {
        context.output.line(definition);
    } else if (context.json) {
        context.output.document(answer);
    } else {
        context.output.print(facts_text(
            {{"name", text_in(answer, "name")},
             {"arn", text_in(answer, "stateMachineArn")},
             {"type", text_in(answer, "type")},
             {"status", text_in(answer, "status")},
             {"role", text_in(answer, "roleArn")},
             {"created", text_in(answer, "creationDate")}}
        ));
        context.output.print("\n" + pretty_json(parse_json(definition)));
    }
    return 0;
}

int remove(Context& context) {
    auto& api = api_of(context);
    for (const auto& name : context.arguments.all("MACHINE")) {
        const auto arn = machine_arn(api, name, context.stop);
        (void)api.call("DescribeStateMachine", {{"stateMachineArn", arn}}, context.stop);
        (void)api.call("DeleteStateMachine", {{"stateMachineArn", arn}}, context.stop);
    }
    return 0;
}

}  // namespace

Verb machine_create() {
    return {
        .path = "machine create",
        .summary = "make a state machine",
        .text =
            "Prints its ARN. One that is there already with the same definition is success; see "
            "`kiln machine validate` for all that may be wrong with a definition.",
        .arguments = {{"NAME", "its name"}, kFile},
        .options =
            {{.name = "type",
              .value = "TYPE",
              .help = "STANDARD (the default), or EXPRESS: short and without history",
              .choices = {"STANDARD", "EXPRESS"}},
             kRole,
             kPublish,
             kServer},
        .examples = {{"kiln machine create orders orders.asl.json", "make it, or find it made"}},
        .needs = Needs::nothing,
        .run = create,
    };
}

Verb machine_update() {
    return {
        .path = "machine update",
        .summary = "change a state machine",
        .text = "Executions that run keep the definition that they were started with.",
        .arguments =
            {kMachine, {"FILE", "its new definition; - is stdin", Argument::Count::optional}},
        .options =
            {{.name = "role", .value = "ARN", .help = "the role it runs as, for AWS' sake"},
             kPublish,
             kServer},
        .examples = {{"kiln machine update orders orders.asl.json", "for executions to come"}},
        .needs = Needs::nothing,
        .run = update,
    };
}

Verb machine_list() {
    return {
        .path = "machine list",
        .summary = "list the state machines of a running server",
        .text = "",
        .options = {kServer},
        .examples = {{"kiln machine list", "with their types"}},
        .needs = Needs::nothing,
        .run = list,
    };
}

Verb machine_show() {
    return {
        .path = "machine show",
        .summary = "show a state machine",
        .text = "",
        .arguments = {kMachine},
        .options =
            {{.name = "definition", .help = "only its definition, as it was given"}, kServer},
        .examples =
            {{"kiln machine show orders --definition > orders.asl.json",
              "get it back into a file"}},
        .needs = Needs::nothing,
        .run = show,
    };
}

Verb machine_delete() {
    return {
        .path = "machine delete",
        .summary = "delete state machines",
        .text = "Executions of them that run end at their next transition.",
        .arguments = {{"MACHINE", "name or ARN of a state machine", Argument::Count::some}},
        .options = {kServer},
        .examples = {{"kiln machine delete orders", "with its versions and aliases"}},
        .needs = Needs::nothing,
        .run = remove,
        .json = false,
    };
}

}  // namespace kiln::cli::verbs
