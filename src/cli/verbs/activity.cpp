#include "cli/states_api.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace kiln::cli::verbs {

namespace {

const Option kServer{
    .name = "server", .value = "URL", .help = "the server to ask (default: that of this home)"};

StatesApi& api_of(Context& context) {
    return context.services.states(context.arguments.one("server"));
}

int create(Context& context) {
    const auto answer = api_of(context).call(
        "CreateActivity", {{"name", *context.arguments.one("NAME")}}, context.stop
    );
    if (context.json) {
        context.output.document(with_times(answer));
    } else {
        context.output.line(text_in(answer, "activityArn"));
    }
    return 0;
}

int list(Context& context) {
    json::array all;
    Table table{{{"NAME"}, {"CREATED"}, {"ARN"}}};
    const auto add = [&](const json::object& activity) {
        auto shown = with_times(activity).as_object();
        table.add(
            {text_in(shown, "name"),
             text_in(shown, "creationDate").substr(0, 19) + "Z",
             text_in(shown, "activityArn")}
        );
        all.push_back(std::move(shown));
        return true;
    };
    for_each_item(api_of(context), "ListActivities", {}, "activities", context.stop, add);
    if (context.json) {
        context.output.document(all);
    } else {
        context.output.print(table.text(context.output.out_terminal()));
    }
    return 0;
}

int remove(Context& context) {
    auto& api = api_of(context);
    for (const auto& name : context.arguments.all("ACTIVITY")) {
        const auto arn = activity_arn(api, name, context.stop);
        (void)api.call("DescribeActivity", {{"activityArn", arn}}, context.stop);
        (void)api.call("DeleteActivity", {{"activityArn", arn}}, context.stop);
    }
    return 0;
}

}  // namespace

Verb activity_create() {
    return {
        .path = "activity create",
        .summary = "make an activity, whose tasks workers take",
        .text = "Prints its ARN, which definitions name as a Resource.",
        .arguments = {{"NAME", "its name"}},
        .options = {kServer},
        .examples = {{"kiln activity create approve", "make it, or find it made"}},
        .needs = Needs::nothing,
        .run = create,
    };
}

Verb activity_list() {
    return {
        .path = "activity list",
        .summary = "list the activities of a running server",
        .text = "",
        .options = {kServer},
        .examples = {{"kiln activity list", "with their ARNs"}},
        .needs = Needs::nothing,
        .run = list,
    };
}

Verb activity_delete() {
    return {
        .path = "activity delete",
        .summary = "delete activities",
        .text = "Executions that come to a task of one that is gone fail.",
        .arguments = {{"ACTIVITY", "name or ARN of an activity", Argument::Count::some}},
        .options = {kServer},
        .examples = {{"kiln activity delete approve", "nobody takes its tasks any more"}},
        .needs = Needs::nothing,
        .run = remove,
        .json = false,
    };
}

}  // namespace kiln::cli::verbs
