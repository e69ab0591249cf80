#include "worker/submit.hpp"

#include "base/fault.hpp"
#include "base/sha256.hpp"

#include <fmt/format.h>

namespace kiln::worker {

namespace {

constexpr std::size_t kIdDigits = 17;
constexpr std::size_t kLongestBody = std::size_t{256} << 10;

BakeId derived_id(std::string_view kind, std::string_view from) {
    Sha256 hash;
    hash.field(kind).field(from);
    return BakeId::trusted(std::string{id_kind::Bake::prefix} + hash.finish().substr(0, kIdDigits));
}

json::object* member(json::object& object, std::string_view key) {
    auto* value = object.if_contains(key);
    return value != nullptr ? value->if_object() : nullptr;
}

bool lacks(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value == nullptr || value->is_null();
}

json::value with_defaults(json::value document, const RequestDefaults& defaults) {
    auto* request = document.if_object();
    if (request == nullptr) {
        return document;
    }
    if (lacks(*request, "deadline_seconds")) {
        (*request)["deadline_seconds"] = defaults.deadline.count();
    }
    if (auto* bootstrap = member(*request, "bootstrap")) {
        if (lacks(*bootstrap, "limits")) {
            (*bootstrap)["limits"] = json::object{};
        }
        auto* limits = member(*bootstrap, "limits");
        if (limits != nullptr && lacks(*limits, "idle_seconds")) {
            (*limits)["idle_seconds"] = defaults.hang_after.count();
        }
    }
    return document;
}

/// A message comes from nowhere in particular: there is no folder for a relative path to begin at.
void complain_of_relative(
    json::object& document,
    std::string_view outer,
    std::string_view inner,
    std::vector<Problem>& problems
) {
    const auto* object = member(document, outer);
    const auto* value = object != nullptr ? object->if_contains(inner) : nullptr;
    const auto* text = value != nullptr ? value->if_string() : nullptr;
    if (text == nullptr || text->empty() || text->front() == '/' ||
        text->find("://") != json::string::npos) {
        return;
    }
    problems.push_back(
        {fmt::format("{}.{}", outer, inner),
         fmt::format(
             "'{}' is relative; a request in a queue names an absolute path of the baker's "
             "machine, "
             "or an https:// URL",
             std::string_view{*text}
         )}
    );
}

}  // namespace

bake::Request read_request(std::string_view body, const RequestDefaults& defaults) {
    auto document = with_defaults(parse_json(body, kLongestBody), defaults);
    std::vector<Problem> problems;
    if (auto* request = document.if_object()) {
        complain_of_relative(*request, "bootstrap", "source", problems);
        complain_of_relative(*request, "logs", "destination", problems);
    }
    std::optional<bake::Request> request;
    try {
        request = bake::parse_request(document, "/");
    } catch (const Error& error) {
        problems.insert(problems.end(), error.problems().begin(), error.problems().end());
        if (problems.empty()) {
            throw;
        }
    }
    if (!problems.empty()) {
        throw Error{"bad request", std::move(problems)};
    }
    return *std::move(request);
}

std::optional<ports::QueueReference> reply_queue(const bake::Request& request) {
    return request.reply_to ? std::optional{ports::parse_queue_reference(*request.reply_to)}
                            : std::nullopt;
}

ports::BakeRecord queued_record(
    const BakeId& id, const ports::QueueReference& queue, std::string_view body, TimePoint accepted
) {
    ports::BakeRecord record;
    record.id = id;
    record.state = ports::BakeState::queued;
    record.attempt = 0;
    record.queue = queue.str();
    record.created = accepted;
    try {
        record.request = parse_json(body, kLongestBody);
    } catch (const Error&) {
        record.request = json::string{body.substr(0, kLongestBody)};
    }
    const auto* request = record.request.if_object();
    const auto* name = request != nullptr ? request->if_contains("name") : nullptr;
    if (name != nullptr && name->is_string()) {
        record.name = std::string{name->get_string()};
    }
    return record;
}

BakeId bake_of(const ports::ReceivedMessage& message) {
    const auto named = message.attributes.find(std::string{kBakeAttribute});
    if (named != message.attributes.end() && is_id(id_kind::Bake::prefix, named->second.value)) {
        return BakeId::trusted(named->second.value);
    }
    return derived_id("kiln bake of message 1", message.id);
}

std::optional<ports::QueueReference> readable_reply_to(std::string_view body) {
    try {
        const auto document = parse_json(body);
        const auto* request = document.if_object();
        const auto* text = request != nullptr ? request->if_contains("reply_to") : nullptr;
        if (text != nullptr && text->is_string()) {
            return ports::parse_queue_reference(text->get_string());
        }
    } catch (const Error&) {
        return std::nullopt;  // that is what is wrong with it, or one of the things
    }
    return std::nullopt;
}

ports::BakeRecord submit(
    const SubmitWorld& world,
    const ports::QueueReference& queue,
    const std::string& body,
    const std::optional<std::string>& key
) {
    const auto request = read_request(body, world.defaults);
    if (const auto reply_to = reply_queue(request)) {
        try {
            (void)world.queues(*reply_to);
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::invalid) {
                throw Error{"bad request", {{"reply_to", error.message()}}};
            }
            throw;
        }
    }
    const auto id = key ? derived_id("kiln bake of key 1", *key) : BakeId::random();
    const auto record = queued_record(id, queue, body, world.clock.now());
    if (key) {
        try {
            return world.bakes.get(id);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::not_found) {
                throw;
            }
        }
    }
    ports::OutgoingMessage message;
    message.body = body;
    message.attributes[std::string{kBakeAttribute}] = {"String", id.str()};
    if (queue.name.ends_with(".fifo")) {
        message.group = id.str();
        message.deduplication = id.str();
    }
    fault_point("before:submit-send");
    (void)world.queues(queue).send(queue.name, {message});
    fault_point("after:submit-send");
    (void)world.bakes.submit(record);
    fault_point("after:submit");
    return world.bakes.get(id);
}

}  // namespace kiln::worker
