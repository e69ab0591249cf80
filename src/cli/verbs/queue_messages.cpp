#include "cli/read_request.hpp"
#include "cli/verbs.hpp"

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

constexpr int kMostAtOnce = 10;  ///< SQS'
constexpr std::chrono::seconds kLongestWait{20};

const Option kServer{
    .name = "server", .value = "URL", .help = "the server to ask (default: that of this home)"};

int send(Context& context) {
    const auto& arguments = context.arguments;
    ports::OutgoingMessage message;
    const auto file = arguments.one("file");
    const auto body = arguments.one("BODY");
    if (file.has_value() == body.has_value()) {
        throw Error{ErrorKind::invalid, "a message is given as BODY or with --file, one of them"};
    }
    message.body = body ? *body : read_request(*file);
    message.group = arguments.one_or("group", "");
    message.deduplication = arguments.one_or("deduplication", "");
    auto& queue = context.services.queues(arguments.one("server")).messages;
    const auto sent = queue.send(*arguments.one("QUEUE"), {message});
    if (context.json) {
        context.output.document({{"id", sent.at(0).id}, {"sequence", sent.at(0).sequence}});
    } else {
        context.output.line(sent.at(0).id);
    }
    return 0;
}

json::object to_json(const ports::ReceivedMessage& message) {
    json::object attributes;
    for (const auto& [name, attribute] : message.attributes) {
        if (!attribute.type.starts_with("Binary")) {
            attributes[name] = attribute.value;
        }
    }
    return {
        {"id", message.id},
        {"receipt", message.receipt},
        {"body", message.body},
        {"attributes", std::move(attributes)},
        {"receives", message.receives},
        {"sent", format_time(message.sent)},
    };
}

int receive(Context& context) {
    const auto& arguments = context.arguments;
    const auto name = *arguments.one("QUEUE");
    auto& queue = context.services.queues(arguments.one("server")).messages;
    ports::ReceiveSpec spec;
    spec.at_most = kMostAtOnce;
    spec.wait =
        std::chrono::floor<std::chrono::seconds>(parse_duration(arguments.one_or("wait", "0s")));
    if (spec.wait > kLongestWait) {
        throw Error{ErrorKind::invalid, "--wait: at most 20s"};
    }
    const auto messages = queue.receive(name, spec, context.stop);
    json::array all;
    for (const auto& message : messages) {
        if (context.json) {
            all.push_back(to_json(message));
        } else {
            context.output.line(message.body);
        }
    }
    if (context.json) {
        context.output.document(all);
    }
    if (arguments.has("delete")) {  // once they are printed: what was not seen stays
        for (const auto& message : messages) {
            queue.remove(name, message.receipt);
        }
    }
    return 0;
}

}  // namespace

Verb queue_send() {
    return {
        .path = "queue send",
        .summary = "send a message to a queue",
        .text = "Prints the message's id once it is durable.",
        .arguments =
            {{"QUEUE", "name of a queue"}, {"BODY", "the message", Argument::Count::optional}},
        .options =
            {{.name = "file", .value = "FILE", .help = "the message is in a file; - is stdin"},
             {.name = "group", .value = "GROUP", .help = "its message group (FIFO queues)"},
             {.name = "deduplication",
              .value = "KEY",
              .help = "the same key is sent once in 5 minutes (FIFO queues)"},
             kServer},
        .examples = {{"kiln queue send bakes --file request.json", "ask for a bake"}},
        .needs = Needs::nothing,
        .run = send,
    };
}

Verb queue_receive() {
    return {
        .path = "queue receive",
        .summary = "receive up to ten messages of a queue",
        .text =
            "Prints their bodies. They are hidden from others for the queue's visibility, and "
            "come back then; with --delete they are deleted once they are printed.",
        .arguments = {{"QUEUE", "name of a queue"}},
        .options =
            {{.name = "wait",
              .value = "DURATION",
              .help = "wait so long for the first one, up to 20s (default: not at all)"},
             {.name = "delete", .help = "delete what was printed"},
             kServer},
        .examples =
            {{"kiln queue receive web-replies --wait 20s --delete", "the replies of a bake"}},
        .needs = Needs::nothing,
        .run = receive,
    };
}

}  // namespace kiln::cli::verbs
