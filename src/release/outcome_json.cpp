#include "release/outcome_json.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::release {

namespace {

constexpr std::array kOwn{"status", "reason", "error", "cause"};
constexpr std::array kStatuses{
    Status::waiting,
    Status::running,
    Status::skipped,
    Status::blocked,
    Status::not_supported,
    Status::succeeded,
    Status::failed};

std::string beginning(const std::string& text, std::size_t longest) {
    return text.size() <= longest ? text : text.substr(0, utf8_floor(text, longest)) + "…";
}

std::string end_of(const std::string& text, std::size_t longest) {
    if (text.size() <= longest) {
        return text;
    }
    auto begin = text.size() - longest;
    while (begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xc0U) == 0x80U) {
        ++begin;
    }
    return "…" + text.substr(begin);
}

/// What a worker reported of its task's end, as an object. Its `status` is not the outcome's.
json::object end_of_task(const json::value& reported) {
    const auto* object = reported.if_object();
    if (object == nullptr) {
        return {};
    }
    json::object end;
    for (const auto& [key, value] : *object) {
        const bool own = std::ranges::find(kOwn, key) != kOwn.end();
        end[key == "status" ? "exit_status"
            : own           ? "worker_" + std::string{key}
                            : std::string{key}] = value;
    }
    return end;
}

/// A cause that is an object says what a worker says; others are texts.
json::object end_in(const std::string& cause) {
    json::error_code error;
    const auto value = json::parse(cause, error);
    return error ? json::object{} : end_of_task(value);
}

std::string shown(const json::value& value) {
    return value.is_string() ? std::string{value.get_string()} : json::serialize(value);
}

}  // namespace

std::string text_of(const json::object& object, std::string_view key, std::string_view otherwise) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string{value->get_string()}
                                                  : std::string{otherwise};
}

Outcome raw_outcome(const Instance& instance, const json::object& left) {
    Outcome outcome{instance};
    if (const auto* failure = left.if_contains("failure"); failure && failure->is_object()) {
        outcome.status = Status::failed;
        outcome.error = text_of(failure->get_object(), "Error");
        outcome.cause = text_of(failure->get_object(), "Cause");
        outcome.end = end_in(outcome.cause);
        if (!outcome.end.empty()) {
            outcome.cause.clear();
        }
    } else if (const auto* success = left.if_contains("success")) {
        outcome.status = Status::succeeded;
        outcome.end = end_of_task(*success);
    } else if (const auto* skip = left.if_contains("skip"); skip && skip->is_bool()) {
        const auto* blocked = left.if_contains("blocked");
        const bool is_blocked = blocked != nullptr && blocked->is_bool() && blocked->get_bool();
        outcome.status = !skip->get_bool() ? Status::running
                         : is_blocked      ? Status::blocked
                                           : Status::skipped;
        outcome.reason = text_of(left, "reason");
    }
    return outcome;
}

json::object to_json(const Outcome& outcome, std::size_t longest) {
    json::object out{{"status", to_string(outcome.status)}};
    const auto put = [&](const char* key, const std::string& text) {
        if (!text.empty()) {
            out[key] = text;
        }
    };
    put("reason", outcome.reason);
    put("error", outcome.error);
    put("cause", beginning(outcome.cause, longest));
    for (const auto& [key, value] : outcome.end) {
        if (!value.is_string()) {
            out[key] = value;
        } else if (key == "tail") {
            out[key] = end_of(std::string{value.get_string()}, longest);
        } else {
            constexpr std::size_t kLeast = 200;  // a log's location stays whole
            out[key] = beginning(std::string{value.get_string()}, std::max(longest, kLeast));
        }
    }
    return out;
}

Outcome read_outcome(const Instance& instance, const json::object& written) {
    Outcome outcome{instance};
    const auto status = text_of(written, "status");
    for (const auto candidate : kStatuses) {
        if (to_string(candidate) == status) {
            outcome.status = candidate;
        }
    }
    outcome.reason = text_of(written, "reason");
    outcome.error = text_of(written, "error");
    outcome.cause = text_of(written, "cause");
    for (const auto& [key, value] : written) {
        if (std::ranges::find(kOwn, key) == kOwn.end()) {
            outcome.end[key] = value;
        }
    }
    return outcome;
}

std::string failure_line(const Outcome& outcome) {
    constexpr std::size_t kLongestCause = 500;
    std::string line = outcome.instance.step;
    for (const auto* part : {&outcome.instance.version, &outcome.instance.distro}) {
        line += part->empty() ? "" : " " + *part;
    }
    line += ": " + (outcome.error.empty() ? std::string{"failed"} : outcome.error);
    if (!outcome.cause.empty()) {
        auto cause = beginning(outcome.cause, kLongestCause);
        std::ranges::replace(cause, '\n', ' ');
        line += ": " + cause;
    }
    for (const auto& [title, key] : std::initializer_list<std::pair<const char*, const char*>>{
             {"exit status", "exit_status"},
             {"worker", "worker"},
             {"instance", "instance"},
             {"log", "log"}}) {
        if (const auto* value = outcome.end.if_contains(key)) {
            line += fmt::format(", {} {}", title, shown(*value));
        }
    }
    return line;
}

}  // namespace kiln::release
