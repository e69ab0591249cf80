#include "cli/remote_bake.hpp"

#include "net/event_stream.hpp"

#include <fmt/format.h>

namespace kiln::cli {

namespace {

/// Calls until it answers; what cannot change by another try is thrown at once.
template <class Work>
auto with_patience(const FollowWorld& world, const std::stop_token& stop, Work&& work) {
    const auto deadline = Deadline::after(world.patience);
    for (unsigned attempt = 0;; ++attempt) {
        try {
            return work();
        } catch (const Error& error) {
            if (!retryable(error.kind()) || !world.pause(attempt, deadline)) {
                if (stop.stop_requested()) {
                    throw Error{ErrorKind::cancelled, "stopped"};
                }
                throw;
            }
            try {
                world.remote.move_to(world.find());
            } catch (const Error& lost) {
                if (!retryable(lost.kind())) {
                    throw;
                }
            }
        }
    }
}

std::string place_text(const ports::EventPlace& place) {
    return fmt::format("{}:{}", place.attempt, place.sequence);
}

}  // namespace

ports::BakeRecord bake_record_from(const json::value& document) {
    std::vector<Problem> problems;
    using enum ObjectReader::Need;
    ObjectReader reader{document, "", problems};
    ports::BakeRecord record;
    const auto id = reader.string("id", required);
    record.name = reader.string("name", required).value_or("");
    const auto state = reader.string("state", required);
    record.key = reader.string("key").value_or("");
    record.note = reader.string("note").value_or("");
    record.queue = reader.string("queue").value_or("");
    const auto image = reader.string("image");
    const auto created = reader.string("created", required);
    if (const auto* request = reader.value("request")) {
        record.request = *request;
    }
    if (const auto* result = reader.value("result")) {
        record.result = *result;
    }
    // What a newer server says besides is passed over.
    if (!problems.empty()) {
        throw Error{
            ErrorKind::corrupt,
            "the server's answer is no bake: " + problems.front().where + ": " +
                problems.front().what};
    }
    record.id = BakeId::parse(*id);
    record.state = ports::bake_state(*state);
    record.created = parse_time(*created);
    if (image) {
        record.image = ImageId::parse(*image);
    }
    return record;
}

ports::BakeEvent bake_event_from(const json::value& document) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    std::vector<Problem> problems;
    using enum ObjectReader::Need;
    ObjectReader reader{document, "", problems};
    ports::BakeEvent event;
    event.attempt = reader.integer("attempt", 0, kMost, required).value_or(0);
    event.sequence = reader.integer("sequence", 0, kMost, required).value_or(0);
    event.category = reader.string("category", required).value_or("");
    const auto time = reader.string("time", required);
    event.step = reader.string("step").value_or("");
    event.message = reader.string("message").value_or("");
    if (const auto* data = reader.value("data")) {
        event.data = *data;
    }
    event.final = reader.boolean("final").value_or(false);
    if (!problems.empty()) {
        throw Error{
            ErrorKind::corrupt,
            "the server's answer is no event: " + problems.front().where + ": " +
                problems.front().what};
    }
    event.time = parse_time(*time);
    return event;
}

ports::BakeRecord submit_bake(
    const FollowWorld& world,
    const std::string& body,
    const std::string& key,
    const std::stop_token& stop
) {
    return with_patience(world, stop, [&] {
        return bake_record_from(
            world.remote.call("POST", "/v1/bakes", {{"Idempotency-Key", key}}, body, stop)
        );
    });
}

ports::BakeRecord follow_bake(
    const FollowWorld& world,
    const BakeId& bake,
    const std::function<void(const ports::BakeEvent&)>& sink,
    const std::stop_token& stop
) {
    const auto path = "/v1/bakes/" + bake.str();
    ports::EventPlace place;
    bool ended = false;
    const auto take = [&](const net::ServerSentEvent& sent) {
        const auto event = bake_event_from(parse_json(sent.data));
        if (event.place() <= place) {
            return;  // had it already
        }
        sink(event);
        place = event.place();
        ended = event.final;
    };
    for (unsigned quiet = 0;;) {
        const auto before = place;
        net::Headers headers{{"Accept", "text/event-stream"}};
        if (place != ports::EventPlace{}) {
            headers.set("Last-Event-ID", place_text(place));
        }
        with_patience(world, stop, [&] {
            net::EventStreamReader reader;
            world.remote.stream(
                path + "/events",
                headers,
                [&](std::string_view piece) {
                    for (const auto& event : reader.feed(piece)) {
                        take(event);
                        headers.set("Last-Event-ID", place_text(place));
                    }
                },
                stop
            );
        });
        const auto record = with_patience(world, stop, [&] {
            return bake_record_from(world.remote.call("GET", path, {}, "", stop));
        });
        const bool over =
            record.state != ports::BakeState::queued && record.state != ports::BakeState::running;
        if (over && (ended || place == before)) {
            return record;
        }
        // The stream ended though the bake goes on: the server is going down.
        quiet = place == before ? quiet + 1 : 0;
        if (!world.pause(quiet, Deadline::after(world.patience))) {
            throw Error{ErrorKind::cancelled, "stopped"};
        }
    }
}

}  // namespace kiln::cli
