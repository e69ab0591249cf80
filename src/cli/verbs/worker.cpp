#include "cli/read_request.hpp"
#include "cli/verbs.hpp"

namespace kiln::cli::verbs {

namespace {

int run(Context& context) {
    WorkOptions options;
    const auto queue = context.arguments.one("queue");
    if (!queue) {
        throw Error{ErrorKind::invalid, "--queue is missing"}.hint("kiln worker --queue bakes");
    }
    options.queue = *queue;
    options.server = context.arguments.one("server");
    options.concurrency = concurrency_of(context.arguments, context.config.bakery_concurrency);
    context.services.work(options, {context.output, context.stop, context.hasten});
    return 0;
}

}  // namespace

Verb worker() {
    return {
        .path = "worker",
        .summary = "take bake requests from a queue and bake them here",
        .text =
            "Takes requests from a queue by long poll, bakes them on this host, and sends the "
            "replies. A request is deleted from the queue only when its outcome is durable; a "
            "worker that dies gives it back.\n\n"
            "A queue of kiln's own (NAME, kiln:NAME) is reached through the server of this home "
            "folder, or the one of --server; sqs:NAME and the URL of an SQS queue through AWS, "
            "with AWS' usual credentials.\n\n"
            "SIGTERM and SIGINT end it: bakes under way have server.drain to end, and their "
            "requests go back to the queue else. A second signal waits for nothing.",
        .options =
            {{.name = "queue", .value = "QUEUE", .help = "bakes, kiln:NAME, sqs:NAME or a URL"},
             {.name = "server", .value = "URL", .help = "the server of a queue of kiln's own"},
             {.name = "concurrency",
              .value = "N",
              .help = "bakes that run at once (default: bakery.concurrency)"}},
        .examples =
            {{"kiln worker --queue bakes", "bake for the server of this host"},
             {"kiln worker --queue sqs:bakes --concurrency 4", "bake for a queue in AWS"}},
        .needs = Needs::mounts,
        .run = run,
        .json = false,
    };
}

}  // namespace kiln::cli::verbs
