#include "api/bakes.hpp"

#include "base/suggest.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::api {

namespace {

constexpr std::size_t kRequestLimit = std::size_t{1} << 20;  ///< of a message, as SQS has it
constexpr std::int64_t kMostListed = 1000;
constexpr std::int64_t kUsuallyListed = 100;
constexpr std::int64_t kMostEvents = 1000;
constexpr std::size_t kLongestKey = 255;
constexpr std::string_view kEventStream = "text/event-stream";

bool is_over(ports::BakeState state) {
    return state != ports::BakeState::queued && state != ports::BakeState::running;
}

BakeId id_of(const Call& call) {
    try {
        return BakeId::parse(call.path("id"));
    } catch (const Error& error) {
        throw Error{ErrorKind::not_found, error.message()}.hint("GET /v1/bakes lists them");
    }
}

std::optional<std::string> idempotency_key(const Call& call) {
    const auto given = call.request().headers.find("Idempotency-Key");
    if (!given) {
        return std::nullopt;
    }
    const bool printable =
        std::all_of(given->begin(), given->end(), [](char c) { return c > ' ' && c <= '~'; });
    if (given->empty() || given->size() > kLongestKey || !printable) {
        throw Error{
            "the request is wrong",
            {{"Idempotency-Key",
              fmt::format("1 to {} visible ASCII characters are wanted", kLongestKey)}}};
    }
    return std::string{*given};
}

void submit(const BakesWorld& world, Call& call, Reply& reply) {
    const auto& body = call.request().body;
    if (body.size() > kRequestLimit) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "a request has at most {} bytes; this one has {}", kRequestLimit, body.size()
            )};
    }
    const auto record = world.submit(body, idempotency_key(call));
    reply.send(
        is_over(record.state) ? 200 : 202,
        bake_json(record),
        {{"Location", "/v1/bakes/" + record.id.str()}}
    );
}

ports::BakeState state_of(const std::string& word) {
    const std::vector<std::string> known{
        "queued", "running", "succeeded", "failed", "cancelled", "interrupted"};
    if (std::find(known.begin(), known.end(), word) == known.end()) {
        throw Error{
            "the query is wrong",
            {{"?state",
              fmt::format("'{}' is no state of a bake", word) + did_you_mean(word, known)}}};
    }
    return ports::bake_state(word);
}

void list(const BakesWorld& world, Call& call, Reply& reply) {
    ports::BakeFilter filter;
    if (const auto state = call.query("state")) {
        filter.state = state_of(*state);
    }
    filter.name = call.query("name");
    const auto limit = call.query_number("limit", 1, kMostListed, kUsuallyListed);
    filter.limit = static_cast<std::size_t>(limit) + 1;  // one more: is there another page?
    if (const auto after = call.query("after")) {
        filter.older_than = BakeId::parse(*after);
    }
    auto records = world.bakes.list(filter);
    const bool more = records.size() > static_cast<std::size_t>(limit);
    if (more) {
        records.pop_back();
    }
    json::array bakes;
    for (const auto& record : records) {
        bakes.push_back(bake_json(record));
    }
    json::object page{{"bakes", std::move(bakes)}, {"next", nullptr}};
    if (more) {
        page["next"] = records.back().id.str();
    }
    reply.send(200, page);
}

/// Where the client is: Last-Event-ID of a stream that was cut, or ?after.
ports::EventPlace place_of(const Call& call) {
    if (const auto last = call.request().headers.find("Last-Event-ID"); last && !last->empty()) {
        return parse_place(*last, "Last-Event-ID");
    }
    const auto after = call.query("after");
    return after ? parse_place(*after, "?after") : ports::EventPlace{};
}

bool wants_stream(const Call& call) {
    const auto accept = call.request().headers.find("Accept");
    return accept && accept->find(kEventStream) != std::string_view::npos;
}

void events(const BakesWorld& world, Call& call, Reply& reply) {
    const auto id = id_of(call);
    const auto after = place_of(call);
    const auto limit = call.query_number("limit", 1, kMostEvents, kMostEvents);
    const auto record = world.bakes.get(id);  // not_found is answered as such, not as a stream
    if (wants_stream(call)) {
        world.events.follow(
            id, {after, Shape::events, Until::end, reply.stream(kEventStream, ": events\n\n")}
        );
        return;
    }
    const auto found = world.bakes.events(id, after, static_cast<std::size_t>(limit));
    json::array page;
    for (const auto& event : found) {
        page.push_back(event_json(id, event));
    }
    const bool whole = found.size() < static_cast<std::size_t>(limit);
    reply.send(
        200,
        {{"bake", id.str()},
         {"events", std::move(page)},
         {"next", to_string(found.empty() ? after : found.back().place())},
         {"over", is_over(record.state) && whole}}
    );
}

void logs(const BakesWorld& world, Call& call, Reply& reply) {
    const auto id = id_of(call);
    (void)world.bakes.get(id);
    world.events.follow(
        id, {{}, Shape::text, Until::now, reply.stream("text/plain; charset=utf-8", "")}
    );
}

void cancel(const BakesWorld& world, Call& call, Reply& reply) {
    const auto id = id_of(call);
    world.cancel(id);
    reply.send(202, bake_json(world.bakes.get(id)));
}

}  // namespace

json::object bake_json(const ports::BakeRecord& record) {
    json::object out{
        {"id", record.id.str()},
        {"name", record.name},
        {"state", ports::to_string(record.state)},
        {"attempt", record.attempt},
        {"key", nullptr},
        {"parent", nullptr},
        {"image", nullptr},
        {"queue", nullptr},
        {"same_as", nullptr},
        {"note", nullptr},
        {"created", format_time(record.created)},
        {"ended", nullptr},
        {"request", record.request},
        {"result", record.result},
    };
    const auto put = [&](std::string_view name, const std::string& text) {
        if (!text.empty()) {
            out[name] = text;
        }
    };
    put("key", record.key);
    put("parent", record.parent.str());
    put("image", record.image ? record.image->str() : "");
    put("queue", record.queue);
    put("same_as", record.same_as ? record.same_as->str() : "");
    put("note", record.note);
    put("ended", record.ended ? format_time(*record.ended) : "");
    return out;
}

std::vector<Route> bake_routes(BakesWorld world) {
    const auto with = [shared = std::make_shared<const BakesWorld>(std::move(world))](auto answer) {
        return [shared, answer](Call& call, Reply& reply) { answer(*shared, call, reply); };
    };
    using enum Access;
    return {
        {"POST", "/v1/bakes", {}, token, with(submit)},
        {"GET", "/v1/bakes", {"state", "name", "limit", "after"}, token, with(list)},
        {"GET",
         "/v1/bakes/{id}",
         {},
         token,
         with([](const BakesWorld& bakes, Call& call, Reply& reply) {
             reply.send(200, bake_json(bakes.bakes.get(id_of(call))));
         })},
        {"DELETE", "/v1/bakes/{id}", {}, token, with(cancel)},
        {"GET", "/v1/bakes/{id}/events", {"after", "limit"}, token, with(events)},
        {"GET", "/v1/bakes/{id}/logs", {}, token, with(logs)},
    };
}

}  // namespace kiln::api
