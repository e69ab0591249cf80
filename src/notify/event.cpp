#include "notify/event.hpp"

#include "base/error.hpp"
#include "base/suggest.hpp"

#include <array>

#include <fmt/format.h>

namespace kiln::notify {

namespace {

using enum Kind;
constexpr std::array kKinds{
    instance_started,
    instance_finished,
    instance_terminating,
    instance_failed,
    instance_failed_to_terminate,
    instance_in_service,
    instance_out_of_service,
    work_started,
    work_succeeded,
    work_failed,
    test};

struct Field {
    std::string_view key;
    std::string Event::*value;
};

constexpr std::array kFields{
    Field{"site", &Event::site},
    Field{"env", &Event::env},
    Field{"queue", &Event::queue},
    Field{"role", &Event::role},
    Field{"build", &Event::build},
    Field{"instance", &Event::instance},
    Field{"work", &Event::work},
    Field{"name", &Event::name},
    Field{"link", &Event::link},
    Field{"error", &Event::error}};

}  // namespace

std::string_view to_string(Kind kind) noexcept {
    switch (kind) {
        case instance_started:
            return "instance.started";
        case instance_finished:
            return "instance.finished";
        case instance_terminating:
            return "instance.terminating";
        case instance_failed:
            return "instance.failed";
        case instance_failed_to_terminate:
            return "instance.failed_to_terminate";
        case instance_in_service:
            return "instance.in_service";
        case instance_out_of_service:
            return "instance.out_of_service";
        case work_started:
            return "work.started";
        case work_succeeded:
            return "work.succeeded";
        case work_failed:
            return "work.failed";
        case test:
            return "test";
    }
    return "";
}

std::span<const Kind> all_kinds() noexcept {
    return kKinds;
}

Kind parse_kind(std::string_view word) {
    std::vector<std::string> words;
    for (const auto kind : kKinds) {
        if (word == to_string(kind)) {
            return kind;
        }
        words.emplace_back(to_string(kind));
    }
    throw Error{
        ErrorKind::invalid,
        fmt::format("'{}' is no kind of notification{}", word, did_you_mean(word, words))};
}

json::object event_json(const Event& event) {
    json::object data;
    for (const auto& field : kFields) {
        if (!(event.*field.value).empty()) {
            data[field.key] = event.*field.value;
        }
    }
    return {
        {"type", to_string(event.kind)},
        {"timestamp", format_time(event.time)},
        {"data", std::move(data)}};
}

std::string write_event(const Event& event) {
    auto document = event_json(event);
    document["key"] = event.key;
    document["channel"] = event.channel;
    return json::serialize(document);
}

Event read_event(std::string_view text) {
    try {
        const auto document = parse_json(text);
        const auto& object = document.as_object();
        const auto text_of = [](const json::object& from, std::string_view key) {
            const auto* value = from.if_contains(key);
            return value == nullptr ? std::string{} : std::string{value->as_string()};
        };
        Event event;
        event.kind = parse_kind(text_of(object, "type"));
        event.time = parse_time(text_of(object, "timestamp"));
        event.key = text_of(object, "key");
        event.channel = text_of(object, "channel");
        const auto& data = object.at("data").as_object();
        for (const auto& field : kFields) {
            event.*field.value = text_of(data, field.key);
        }
        return event;
    } catch (const std::exception& error) {  // Boost.JSON's, too
        throw Error{
            ErrorKind::corrupt, fmt::format("a notification cannot be read: {}", error.what())};
    }
}

}  // namespace kiln::notify
