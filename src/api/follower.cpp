#include "api/follower.hpp"

#include "base/error.hpp"
#include "net/event_stream.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::api {

namespace {

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && stop == end && value >= 0 ? std::optional{value} : std::nullopt;
}

}  // namespace

std::string to_string(const ports::EventPlace& place) {
    return fmt::format("{}:{}", place.attempt, place.sequence);
}

ports::EventPlace parse_place(std::string_view text, std::string_view where) {
    const auto colon = text.find(':');
    if (colon != std::string_view::npos) {
        const auto attempt = number(text.substr(0, colon));
        const auto sequence = number(text.substr(colon + 1));
        if (attempt && sequence) {
            return {*attempt, *sequence};
        }
    }
    throw Error{
        "no such place among events",
        {{std::string{where},
          fmt::format("'{}' is not ATTEMPT:SEQUENCE, as the id of an event is", text)}}};
}

json::object event_json(const BakeId& bake, const ports::BakeEvent& event) {
    auto document = ports::to_json(bake, event);
    document["attempt"] = event.attempt;
    return document;
}

std::string shown(const BakeId& bake, const ports::BakeEvent& event, Shape shape) {
    if (shape == Shape::events) {
        return net::frame({to_string(event.place()), "", json::serialize(event_json(bake, event))});
    }
    if (event.category == "ERROR") {
        return fmt::format("kiln: {}: {}\n", event.step, event.message);
    }
    if (event.category != "LOG") {
        return "";
    }
    const auto* data = event.data.if_object();
    const auto* continues = data != nullptr ? data->if_contains("continues") : nullptr;
    const bool open = continues != nullptr && continues->is_bool() && continues->get_bool();
    return event.message + (open ? "" : "\n");
}

}  // namespace kiln::api
