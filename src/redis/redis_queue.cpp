#include "redis/redis_queue.hpp"

#include "base/sha256.hpp"
#include "ports/job_record.hpp"
#include "ports/queue_rules.hpp"
#include "redis/message_record.hpp"
#include "redis/take.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace kiln::redis {

namespace {

constexpr std::size_t kMostOfAScript = 100;  ///< messages
constexpr std::size_t kMostBytesOfAScript = 4U << 20;
constexpr auto kRedrivenAtOnce = "100";

Error over(const std::string& queue) {
    return Error{
        ErrorKind::conflict,
        fmt::format(
            "queue '{}': that delivery is over: the message is deleted, or somebody else's", queue
        )};
}

/// How many of them one script takes: at least one.
std::size_t batch_of(std::span<const ports::OutgoingMessage> messages) {
    std::size_t bytes = 0;
    std::size_t count = 0;
    while (count < messages.size() && count < kMostOfAScript) {
        bytes += ports::message_bytes(messages[count]);
        if (count > 0 && bytes > kMostBytesOfAScript) {
            break;
        }
        ++count;
    }
    return count;
}

void append_field(Words& words, std::string name, std::string value) {
    words.push_back(std::move(name));
    words.push_back(std::move(value));
}

/// As it is compared and kept.
std::string spec_json(const ports::QueueSpec& spec) {
    json::object tags;
    for (const auto& [key, value] : spec.tags) {
        tags[key] = value;
    }
    json::object object{
        {"visibility", spec.visibility.count()},
        {"delay", spec.delay.count()},
        {"retention", spec.retention.count()},
        {"content_deduplication", spec.content_deduplication},
        {"tags", std::move(tags)}};
    if (spec.dead_letters) {
        object["dead_letters"] = json::object{
            {"queue", spec.dead_letters->queue}, {"receives", spec.dead_letters->receives}};
    }
    return json::serialize(object);
}

/// @throws Error  invalid: with every problem
void check_spec(const ports::QueueSpec& spec) {
    auto problems = ports::problems_of(spec);
    if (ports::is_fifo(spec.name) && spec.delay.count() != 0) {
        problems.push_back({"delay", "a FIFO queue on Redis has none"});
    }
    if (!problems.empty()) {
        throw Error{"not a queue", std::move(problems)};
    }
}

}  // namespace

std::vector<ports::SentMessage> RedisQueue::send(
    const std::string& queue, const std::vector<ports::OutgoingMessage>& messages
) {
    std::vector<Problem> problems;
    std::size_t good = 0;
    while (good < messages.size() && (problems = ports::problems_of(messages[good], queue)).empty()
    ) {
        ++good;
    }
    std::vector<ports::SentMessage> sent;
    std::span rest{messages.data(), good};
    while (!rest.empty()) {
        const auto batch = rest.first(batch_of(rest));
        ports::is_fifo(queue) ? send_fifo(queue, batch, sent) : send_standard(queue, batch, sent);
        rest = rest.subspan(batch.size());
    }
    if (good < messages.size()) {
        if (good == 0) {
            static_cast<void>(depth(queue));  // a queue that is not there is told first
        }
        throw ports::message_error(good + 1, queue, std::move(problems));
    }
    return sent;
}

void RedisQueue::send_standard(
    const std::string& queue,
    std::span<const ports::OutgoingMessage> messages,
    std::vector<ports::SentMessage>& sent
) {
    Words words{queue};
    std::vector<ports::SentMessage> ids;
    for (const auto& message : messages) {
        ids.push_back({ports::random_job_id(), ""});
        words.push_back(write_message(message, queue, ids.back().id, clock_.now()).before);
        words.push_back(
            message.delay ? std::to_string(message.delay->count() * 1'000) : std::string{"-1"}
        );
    }
    expect_known(client_.run(scripts::send(), std::move(words)), queue);
    std::move(ids.begin(), ids.end(), std::back_inserter(sent));
}

std::string RedisQueue::deduplication_of(
    const std::string& queue, const ports::OutgoingMessage& message
) {
    if (!message.deduplication.empty()) {
        return message.deduplication;
    }
    const auto setting =
        client_.call({"HGET", fmt::format("kiln:q:{}:spec", queue), "content_deduplication"});
    if (setting.text != "1") {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "queue '{}' has no content deduplication: each message needs a deduplication", queue
            )};
    }
    return sha256(message.body);
}

void RedisQueue::send_fifo(
    const std::string& queue,
    std::span<const ports::OutgoingMessage> messages,
    std::vector<ports::SentMessage>& sent
) {
    Words words{queue};
    for (const auto& message : messages) {
        auto id = ports::random_job_id();
        auto text = write_message(message, queue, id, clock_.now());
        words.push_back(std::move(text.before));
        words.push_back(std::move(text.after));
        words.push_back(message.group);
        words.push_back(std::move(id));
        words.push_back(deduplication_of(queue, message));
    }
    const auto reply = client_.run(scripts::send_fifo(), std::move(words), Again::yes);
    expect_known(reply, queue);
    for (std::size_t i = 1; i + 1 < reply.items.size(); i += 2) {
        sent.push_back({reply.items[i].text, reply.items[i + 1].text});
    }
}

std::optional<ports::ReceivedMessage> RedisQueue::open(
    const std::string& queue, const std::string& receipt, const std::string& payload
) {
    try {
        return read_message(payload, receipt);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::invalid) {
            throw;
        }
        // Lua's reader let it pass; nobody can read it: it goes where Sidekiq puts what it cannot.
        client_.run(
            scripts::end_job(),
            {queue,
             receipt,
             format_time(clock_.now()).substr(0, 10),
             "failed",
             "dead",
             payload,
             ""},
            Again::yes
        );
        return std::nullopt;
    }
}

std::vector<ports::ReceivedMessage> RedisQueue::receive(
    const std::string& queue, const ports::ReceiveSpec& spec, const std::stop_token& stop
) {
    ports::check(spec);
    TakeSpec wanted{.queue = queue, .at_most = spec.at_most};
    if (spec.visibility) {
        wanted.lease = *spec.visibility;
    }
    std::vector<ports::ReceivedMessage> received;
    for (const auto& [receipt, payload] : take(client_, wanted, spec.wait, stop)) {
        if (auto message = open(queue, receipt, payload)) {
            received.push_back(*std::move(message));
        }
    }
    return received;
}

void RedisQueue::extend(
    const std::string& queue, const std::string& receipt, std::chrono::seconds visibility
) {
    ports::check(ports::ReceiveSpec{.visibility = visibility});
    try {
        static_cast<void>(read_receipt(receipt));
    } catch (const Error&) {
        static_cast<void>(depth(queue));  // a queue that is not there is told first
        throw;
    }
    const auto reply = client_.run(
        scripts::extend(), {queue, receipt, std::to_string(visibility.count() * 1'000)}, Again::yes
    );
    expect_known(reply, queue);
    if (reply.at(0).text == "over") {
        throw over(queue);
    }
}

void RedisQueue::remove(const std::string& queue, const std::string& receipt) {
    try {
        static_cast<void>(read_receipt(receipt));
    } catch (const Error&) {
        static_cast<void>(depth(queue));  // a queue that is not there is told first
        throw;
    }
    const auto reply = client_.run(scripts::remove(), {queue, receipt}, Again::yes);
    expect_known(reply, queue);
    if (reply.at(0).text == "over") {
        throw over(queue);
    }
}

void RedisQueue::create(const ports::QueueSpec& spec) {
    check_spec(spec);
    Words words{spec.name, spec_json(spec), spec.dead_letters ? spec.dead_letters->queue : ""};
    append_field(words, "visibility", std::to_string(spec.visibility.count()));
    append_field(words, "delay", std::to_string(spec.delay.count()));
    append_field(words, "retention", std::to_string(spec.retention.count()));
    append_field(words, "content_deduplication", spec.content_deduplication ? "1" : "0");
    if (spec.dead_letters) {
        append_field(words, "dead_queue", spec.dead_letters->queue);
        append_field(words, "dead_receives", std::to_string(spec.dead_letters->receives));
    }
    const auto answer = client_.run(scripts::create(), std::move(words), Again::yes).at(0).text;
    if (answer == "conflict") {
        throw Error{
            ErrorKind::conflict,
            fmt::format("queue '{}' is there, with other settings", spec.name)};
    }
    if (answer == "unknown") {
        throw Error{
            "not a queue",
            {{"dead_letters.queue",
              fmt::format("there is no queue '{}'", spec.dead_letters->queue)}}};
    }
}

void RedisQueue::destroy(const std::string& queue) {
    client_.run(scripts::destroy(), {queue}, Again::yes);
}

std::vector<std::string> RedisQueue::list(const std::string& prefix) {
    std::set<std::string> names;
    for (const auto* key : {"queues", "kiln:queues"}) {
        for (const auto& item : client_.call({"SMEMBERS", key}).items) {
            if (item.text.starts_with(prefix)) {
                names.insert(item.text);
            }
        }
    }
    return {names.begin(), names.end()};
}

ports::QueueDepth RedisQueue::depth(const std::string& queue) {
    const auto reply = client_.run(scripts::depth(), {queue}, Again::yes);
    expect_known(reply, queue);
    ports::QueueDepth depth{
        .visible = reply.at(1).number(),
        .in_flight = reply.at(2).number(),
        .delayed = reply.at(3).number()};
    try {
        if (const auto& oldest = reply.at(4).text; !oldest.empty()) {
            const auto sent = read_message(oldest, "1-0-x").sent;
            depth.oldest_age = std::max(Duration{0}, clock_.now() - sent);
        }
    } catch (const Error&) {
        // What is at the end of the list is no job: its age is unknown.
    }
    return depth;
}

void RedisQueue::purge(const std::string& queue) {
    expect_known(client_.run(scripts::purge(), {queue}, Again::yes), queue);
}

void RedisQueue::redrive(const std::string& queue) {
    auto left = depth(queue).visible;
    std::string source;
    for (const auto& name : list("")) {
        const auto dead = client_.call({"HGET", fmt::format("kiln:q:{}:spec", name), "dead_queue"});
        if (dead.text == queue) {
            source = name;
        }
    }
    if (source.empty()) {
        throw Error{
            ErrorKind::invalid, fmt::format("no queue has '{}' for its dead letters", queue)};
    }
    while (left > 0) {
        const auto moved =
            client_.run(scripts::redrive(), {queue, source, kRedrivenAtOnce}, Again::yes).number();
        if (moved == 0) {
            return;
        }
        left -= moved;
    }
}

}  // namespace kiln::redis
