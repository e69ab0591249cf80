#include "cli/bake_request.hpp"
#include "cli/bake_runner.hpp"
#include "cli/read_request.hpp"
#include "cli/verbs.hpp"
#include "jail/jail.hpp"

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

/// All or none: a wrong request among several is refused before any of them begins.
std::vector<bake::Request> parse_all(const std::vector<RequestDocument>& documents) {
    std::vector<bake::Request> requests;
    for (const auto& [document, base, origin] : documents) {
        try {
            requests.push_back(bake::parse_request(document, base));
            if (requests.back().reply_to) {
                throw Error{
                    "bad request",
                    {{"reply_to",
                      "replies are sent for requests that come through a queue; `kiln bake` shows "
                      "them itself: leave it out, or `kiln bake submit`"}}};
            }
        } catch (const Error& error) {
            throw documents.size() > 1 ? error.while_(origin) : error;
        }
    }
    return requests;
}

/// What would run, without running it: the request with every default, and the jail of each
/// command.
int explain(Context& context, const std::vector<bake::Request>& requests) {
    json::array all;
    for (const auto& request : requests) {
        json::array jails;
        for (const auto& command : request.commands) {
            jail::JailPlan plan;
            plan.root = context.config.home / "run" / "JOB" / "root";
            plan.command = {"/bin/sh", "-c", command.run};
            plan.environment = request.environment;
            plan.network = request.network == bake::NetworkPolicy::host ? jail::Network::host
                                                                        : jail::Network::none;
            jails.push_back(jail::explain(plan));
        }
        all.push_back({{"request", bake::to_json(request)}, {"jails", std::move(jails)}});
    }
    context.output.document(all.size() == 1 ? all[0] : json::value(all));
    return 0;
}

int run(Context& context) {
    const auto concurrency = concurrency_of(context.arguments, context.config.bake_concurrency);
    const auto documents = request_documents(context.arguments, context.config, read_request);
    const auto requests = parse_all(documents);
    if (context.arguments.has("explain")) {
        return explain(context, requests);
    }
    std::vector<BakeTask> tasks;
    for (const auto& request : requests) {
        tasks.push_back(
            {request.name,
             [&context, &request](const bake::EventSink& sink, const std::stop_token& stop) {
                 return context.services.baker().run(request, sink, stop);
             }}
        );
    }
    const auto outcomes = run_bakes(context, tasks, concurrency);
    context.services.maintain_if_due(images_of(outcomes));
    return print_outcomes(context, outcomes);
}

}  // namespace

Verb bake() {
    auto options = request_options();
    options.push_back(
        {.name = "concurrency",
         .value = "N",
         .help = "bakes of this command that run at once (default: bake.concurrency)"}
    );
    options.push_back(
        {.name = "explain",
         .help = "show the request as understood and the jail of each command; bake nothing"}
    );
    return {
        .path = "bake",
        .summary = "make images: parent + bootstrap -> image",
        .text =
            "Bakes the requests in the files (`-` is stdin), or the one that the flags describe. "
            "The id of "
            "each image stands on stdout when it is made; progress goes to stderr. The same "
            "request as "
            "before gives the image of before, in milliseconds; while it runs, it is joined.\n\n"
            "A request file that is named like a command below is written with its folder: "
            "./list\n\n"
            "Several requests: all are checked before the first begins. The exit code is 0 when "
            "all "
            "succeeded, that of the failures when they failed alike, else 1.",
        .arguments =
            {{"REQUEST", "JSON files with one request each; - is stdin", Argument::Count::any}},
        .options = std::move(options),
        .examples =
            {{"kiln bake request.json", "bake the request in the file"},
             {"kiln bake --name web --parent debian-12 --source ./web --command './install.sh'",
              "the same by flags"},
             {"kiln bake --json - < request.json | jq -r .image", "from a pipe into a pipe"},
             {"kiln bake web.json db.json --concurrency 2", "two at once"}},
        .needs = Needs::mounts,
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
