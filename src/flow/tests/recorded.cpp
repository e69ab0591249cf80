#include "flow/tests/recorded.hpp"

#include "flow/comparison.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <set>

#include <fmt/format.h>

namespace kiln::flow::testing {
namespace {

/// Words that the recorder puts in the place of a whole value.
constexpr std::array<std::string_view, 10> kWords{
    "timestamp",
    "date",
    "datetime",
    "start-time",
    "entered-time",
    "snf_role_arn",
    "activity_arn",
    "map_run_arn",
    "RandomNumberGenerated",
    "execution_starttime"};

bool text_alike(std::string_view recorded, std::string_view shown) {
    if (recorded.size() > 2 && shown.starts_with('"') && recorded.starts_with('"')) {
        return text_alike(
            recorded.substr(1, recorded.size() - 2), shown.substr(1, shown.size() - 2)
        );
    }
    if (recorded == shown || std::find(kWords.begin(), kWords.end(), recorded) != kWords.end()) {
        return true;
    }
    static const std::regex placeholder{
        "<[A-Za-z][A-Za-z0-9_-]*([:_][0-9]+)?(idx)?>|snf_role_arn|activity_arn"};
    std::string pattern;
    for (const char c : recorded) {
        if (c == '*' || c == '\\') {
            pattern += '\\';
        }
        pattern += c;
    }
    return string_matches(shown, std::regex_replace(pattern, placeholder, "*"));
}

bool object_alike(const json::object& recorded, const json::object& shown) {
    const auto ours = [&](const json::key_value_pair& member) {
        const auto* other = shown.if_contains(member.key());
        return other != nullptr && (member.key() == "timestamp" || alike(member.value(), *other));
    };
    return recorded.size() == shown.size() && std::all_of(recorded.begin(), recorded.end(), ours);
}

bool blank(const json::object& event) {
    return event.at("id").is_array();
}

bool event_alike(json::object recorded, json::object shown) {
    if (blank(recorded)) {
        for (auto* event : {&recorded, &shown}) {
            event->erase("id");
            event->erase("previousEventId");
        }
    }
    return object_alike(recorded, shown);
}

std::string one_difference(const json::value& recorded, const json::value& shown) {
    return fmt::format("recorded {}, got {}", json::serialize(recorded), json::serialize(shown));
}

std::string unordered_difference(const json::array& recorded, json::array shown) {
    for (const auto& event : recorded) {
        const auto found = std::find_if(shown.begin(), shown.end(), [&](const json::value& ours) {
            return event_alike(event.as_object(), ours.as_object());
        });
        if (found == shown.end()) {
            return fmt::format("not found: {}", json::serialize(event));
        }
        shown.erase(found);
    }
    for (const auto& extra : shown) {
        const std::string_view type = extra.at("type").as_string();
        if (type != "ParallelStateSucceeded" && type != "ParallelStateExited") {
            return fmt::format("not recorded: {}", json::serialize(extra));
        }
    }
    return "";
}

}  // namespace

bool alike(const json::value& recorded, const json::value& shown) {
    if (recorded.is_string() && recorded.get_string() == "RandomNumberGenerated") {
        return shown.is_int64();
    }
    if (const auto* text = shown.if_string()) {
        const auto* other = recorded.if_string();
        if (other != nullptr && text_alike(*other, *text)) {
            return true;
        }
        const bool nested = !recorded.is_string() || other->starts_with('[');
        boost::system::error_code error;
        auto parsed = json::parse(*text, error);
        if (!nested || error) {
            return false;
        }
        return alike(other != nullptr ? json::parse(*other) : recorded, parsed);
    }
    if (recorded.is_object() && shown.is_object()) {
        return object_alike(recorded.get_object(), shown.get_object());
    }
    if (recorded.is_array() && shown.is_array()) {
        const auto& left = recorded.get_array();
        const auto& right = shown.get_array();
        return std::equal(left.begin(), left.end(), right.begin(), right.end(), alike);
    }
    return recorded.is_double() == shown.is_double() && recorded == shown;
}

std::string difference(const json::array& recorded, const json::array& shown) {
    const bool unordered =
        std::any_of(recorded.begin(), recorded.end(), [](const json::value& event) {
            return blank(event.as_object());
        });
    if (unordered) {
        return unordered_difference(recorded, shown);
    }
    const auto both = std::min(recorded.size(), shown.size());
    for (std::size_t i = 0; i < both; ++i) {
        if (!event_alike(recorded[i].as_object(), shown[i].as_object())) {
            return one_difference(recorded[i], shown[i]);
        }
    }
    if (recorded.size() != shown.size()) {
        return fmt::format("recorded {} events, got {}", recorded.size(), shown.size());
    }
    return "";
}

}  // namespace kiln::flow::testing
