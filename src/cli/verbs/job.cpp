#include "cli/read_request.hpp"
#include "cli/verbs.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

const Option kServer{
    .name = "server", .value = "URL", .help = "the server of a queue of kiln's own"};

std::int64_t retries_of(const std::string& text) {
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end) {
        throw Error{ErrorKind::invalid, fmt::format("--retries: '{}' is no number", text)};
    }
    return number;
}

json::array arguments_of(const std::vector<std::string>& words) {
    json::array values;
    std::vector<Problem> problems;
    for (std::size_t i = 0; i < words.size(); ++i) {
        try {
            values.push_back(parse_json(words[i]));
        } catch (const Error&) {
            problems.push_back(
                {fmt::format("ARG {}", i + 1),
                 fmt::format("'{}' is not JSON; text is written '\"like this\"'", words[i])}
            );
        }
    }
    if (!problems.empty()) {
        throw Error{"not a job", problems};
    }
    return values;
}

int push(Context& context) {
    const auto& arguments = context.arguments;
    const auto queue = ports::parse_queue_reference(*arguments.one("QUEUE"));
    ports::JobOrder order{.kind = *arguments.one("CLASS"), .queue = queue.name};
    order.args = arguments_of(arguments.all("ARG"));
    if (const auto delay = arguments.one("in")) {
        order.delay = std::chrono::ceil<std::chrono::seconds>(parse_duration(*delay));
    }
    if (const auto retries = arguments.one("retries")) {
        order.retries = retries_of(*retries);
    }
    const auto id = context.services.jobs(queue, arguments.one("server")).push(order);
    if (context.json) {
        context.output.document({{"id", id}});
    } else {
        context.output.line(id);
    }
    return 0;
}

int work(Context& context) {
    JobWorkOptions options;
    options.queues = context.arguments.all("queue");
    options.server = context.arguments.one("server");
    options.concurrency = concurrency_of(context.arguments, 1);
    options.program = context.arguments.all("PROGRAM");
    if (options.queues.empty()) {
        throw Error{ErrorKind::invalid, "--queue is missing"}.hint(
            "kiln job work --queue redis://127.0.0.1:6379/0#mail -- ./send-mail"
        );
    }
    const auto place = ports::parse_queue_reference(options.queues.front()).place;
    for (const auto& name : options.queues) {
        if (ports::parse_queue_reference(name).place != place) {
            throw Error{ErrorKind::invalid, "all queues of one worker are in the same place"}.hint(
                "start one worker for each"
            );
        }
    }
    context.services.work_jobs(options, {context.output, context.stop, context.hasten});
    return 0;
}

}  // namespace

Verb job_push() {
    return {
        .path = "job push",
        .summary = "push a job to a queue",
        .text =
            "Prints the job's id once it is durable. In Redis (redis://HOST:PORT/DB#NAME) it is a "
            "job of Sidekiq's, which a Ruby worker or kiln may do; in a queue of kiln's own or in "
            "SQS the message's body is the same JSON.",
        .arguments =
            {{"QUEUE", "NAME, kiln:NAME, sqs:NAME, redis://HOST:PORT/DB#NAME"},
             {"CLASS", "who does it: the job's class"},
             {"ARG", "its arguments, each in JSON", Argument::Count::any}},
        .options =
            {{.name = "in", .value = "DURATION", .help = "not before so long from now"},
             {.name = "retries",
              .value = "N",
              .help = "so often it is tried again when it fails (default 25)"},
             kServer},
        .examples =
            {{"kiln job push redis://127.0.0.1:6379/0#mail SendMail '\"a@example.org\"' 42",
              "two arguments, a text and a number"},
             {"kiln job push mail SendMail --in 10m", "in ten minutes, in a queue of kiln's own"}},
        .needs = Needs::nothing,
        .run = push,
    };
}

Verb job_work() {
    return {
        .path = "job work",
        .summary = "take jobs from queues and have a program do them",
        .text =
            "Starts the program for each job, with the job's JSON on its stdin and its class, id "
            "and queue in KILN_JOB_CLASS, KILN_JOB_ID and KILN_JOB_QUEUE. Exit code 0: the job is "
            "done. Any other: it failed, the end of stderr is the reason, and it is tried again "
            "later, as often as the job allows; then it is dead.\n\n"
            "A job stays with the worker while the program runs; when the worker dies, another "
            "one gets it within a minute. On Redis the worker is on Sidekiq's web page, and does "
            "what is asked of it there.\n\n"
            "SIGTERM and SIGINT end it: programs that run have server.drain to end, and are "
            "killed else; their jobs are tried again. A second signal waits for nothing.",
        .arguments = {{"PROGRAM", "and its arguments; write -- before it", Argument::Count::some}},
        .options =
            {{.name = "queue",
              .value = "QUEUE",
              .help = "NAME, kiln:NAME, sqs:NAME, redis://HOST:PORT/DB#NAME",
              .repeatable = true},
             kServer,
             {.name = "concurrency",
              .value = "N",
              .help = "jobs of each queue at once (default 1)"}},
        .examples =
            {{"kiln job work --queue redis://127.0.0.1:6379/0#mail -- ./send-mail",
              "do what Ruby pushes"}},
        .needs = Needs::nothing,
        .run = work,
        .json = false,
    };
}

}  // namespace kiln::cli::verbs
