#include "cli/references.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

const Option kServer{
    .name = "server", .value = "URL", .help = "the server to ask (default: that of this home)"};
const Argument kQueue{"QUEUE", "name of a queue"};

QueueAccess access(Context& context) {
    return context.services.queues(context.arguments.one("server"));
}

json::object to_json(const std::string& name, const ports::QueueDepth& depth) {
    json::object out{
        {"name", name},
        {"visible", depth.visible},
        {"in_flight", depth.in_flight},
        {"delayed", depth.delayed},
    };
    if (depth.oldest_age) {
        out["oldest_age_seconds"] = seconds_of(*depth.oldest_age);
    }
    return out;
}

int list(Context& context) {
    auto& admin = access(context).admin;
    json::array all;
    Table table{{{"NAME"}, {"VISIBLE", true}, {"IN FLIGHT", true}, {"DELAYED", true}}};
    for (const auto& name : admin.list(context.arguments.one_or("prefix", ""))) {
        const auto depth = admin.depth(name);
        all.push_back(to_json(name, depth));
        table.add(
            {name,
             std::to_string(depth.visible),
             std::to_string(depth.in_flight),
             std::to_string(depth.delayed)}
        );
    }
    if (context.json) {
        context.output.document(all);
    } else {
        context.output.print(table.text(context.output.out_terminal()));
    }
    return 0;
}

int show(Context& context) {
    const auto name = *context.arguments.one("QUEUE");
    const auto depth = access(context).admin.depth(name);
    if (context.json) {
        context.output.document(to_json(name, depth));
        return 0;
    }
    context.output.print(facts_text(
        {{"name", name},
         {"visible", std::to_string(depth.visible)},
         {"in flight", std::to_string(depth.in_flight)},
         {"delayed", std::to_string(depth.delayed)}}
    ));
    return 0;
}

std::int64_t number_of(const std::string& flag, const std::string& text) {
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end || number < 1) {
        throw Error{ErrorKind::invalid, fmt::format("{}: '{}' is no number from 1 up", flag, text)};
    }
    return number;
}

int create(Context& context) {
    const auto& arguments = context.arguments;
    ports::QueueSpec spec;
    spec.name = *arguments.one("QUEUE");
    if (const auto visibility = arguments.one("visibility")) {
        spec.visibility = std::chrono::floor<std::chrono::seconds>(parse_duration(*visibility));
    }
    const auto receives = arguments.one("max-receives");
    if (const auto dead = arguments.one("dead-letters")) {
        spec.dead_letters = {*dead, receives ? number_of("--max-receives", *receives) : 3};
    } else if (receives) {
        throw Error{ErrorKind::invalid, "--max-receives goes with --dead-letters"};
    }
    access(context).admin.create(spec);
    return 0;
}

int remove(Context& context) {
    auto& admin = access(context).admin;
    for (const auto& name : context.arguments.all("QUEUE")) {
        (void)admin.depth(name);  // a slip of the pen is told
        admin.destroy(name);
    }
    return 0;
}

}  // namespace

Verb queue_list() {
    return {
        .path = "queue list",
        .summary = "list the queues of a running server",
        .text = "",
        .options =
            {{.name = "prefix", .value = "TEXT", .help = "only those with this beginning"},
             kServer},
        .examples = {{"kiln queue list", "with how full each is"}},
        .needs = Needs::nothing,
        .run = list,
    };
}

Verb queue_show() {
    return {
        .path = "queue show",
        .summary = "show how full a queue is",
        .text = "",
        .arguments = {kQueue},
        .options = {kServer},
        .examples = {{"kiln queue show bakes", "the queue of bake requests"}},
        .needs = Needs::nothing,
        .run = show,
    };
}

Verb queue_create() {
    return {
        .path = "queue create",
        .summary = "make a queue",
        .text =
            "A name that ends in .fifo makes a FIFO queue. A queue that is there already with "
            "the same settings is success.",
        .arguments = {kQueue},
        .options =
            {{.name = "visibility",
              .value = "DURATION",
              .help = "so long a received message is hidden from others (default 30s)"},
             {.name = "dead-letters",
              .value = "QUEUE",
              .help = "where messages go that nobody deletes"},
             {.name = "max-receives", .value = "N", .help = "after so many deliveries (default 3)"},
             kServer},
        .examples = {{"kiln queue create web-replies", "for the replies of a bake"}},
        .needs = Needs::nothing,
        .run = create,
        .json = false,
    };
}

Verb queue_rm() {
    return {
        .path = "queue rm",
        .summary = "remove queues with all their messages",
        .text = "",
        .arguments = {{"QUEUE", "name of a queue", Argument::Count::some}},
        .options = {kServer},
        .examples = {{"kiln queue rm web-replies", "it and what is in it"}},
        .needs = Needs::nothing,
        .run = remove,
        .json = false,
    };
}

Verb queue_purge() {
    return {
        .path = "queue purge",
        .summary = "remove all messages of a queue",
        .text = "",
        .arguments = {kQueue},
        .options = {kServer},
        .examples = {{"kiln queue purge bakes-dead", "once its dead letters were looked at"}},
        .needs = Needs::nothing,
        .run =
            [](Context& context) {
                access(context).admin.purge(*context.arguments.one("QUEUE"));
                return 0;
            },
        .json = false,
    };
}

Verb queue_redrive() {
    return {
        .path = "queue redrive",
        .summary = "move dead letters back to where they came from",
        .text = "",
        .arguments = {{"QUEUE", "a queue of dead letters"}},
        .options = {kServer},
        .examples = {{"kiln queue redrive bakes-dead", "try the failed requests again"}},
        .needs = Needs::nothing,
        .run =
            [](Context& context) {
                access(context).admin.redrive(*context.arguments.one("QUEUE"));
                return 0;
            },
        .json = false,
    };
}

}  // namespace kiln::cli::verbs
