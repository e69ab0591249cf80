#include "cli/release_follow.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace kiln::cli {

namespace {

/// The first lines of a text, so that it can be drawn over.
std::vector<std::string> lines_that_fit(const std::string& text, const Terminal& terminal) {
    std::vector<std::string> lines;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const auto end = std::min(text.find('\n', begin), text.size());
        lines.push_back(cut(text.substr(begin, end - begin), terminal.width, terminal.utf8));
        begin = end + 1;
    }
    constexpr std::size_t kLeast = 3;
    const auto room = std::max(terminal.height, kLeast) - 1;
    if (lines.size() > room) {
        const auto more = lines.size() - room + 1;
        lines.resize(room - 1);
        lines.push_back(fmt::format("and {} rows more", more));
    }
    return lines;
}

/// Nothing where it is no object.
json::object object_of(const std::string& text) {
    json::error_code error;
    auto value = json::parse(text, error);
    return !error && value.is_object() ? std::move(value.get_object()) : json::object{};
}

}  // namespace

ReleaseFollower::ReleaseFollower(
    StatesApi& api, std::string arn, std::vector<std::string> steps, const Output& output
)
    : api_{api},
      arn_{std::move(arn)},
      steps_{std::move(steps)},
      output_{output},
      history_{{steps_.begin(), steps_.end()}} {}

void ReleaseFollower::read(const std::stop_token& stop) {
    // Newest first, until what was read before: a long history is not read again.
    std::vector<json::object> fresh;
    for_each_item(
        api_,
        "GetExecutionHistory",
        {{"executionArn", arn_}, {"reverseOrder", true}, {"maxResults", 1000}},
        "events",
        stop,
        [&](const json::object& event) {
            const bool is_new = event.at("id").to_number<std::int64_t>() > history_.last();
            if (is_new) {
                fresh.push_back(event);
            }
            return is_new;
        }
    );
    for (auto event = fresh.rbegin(); event != fresh.rend(); ++event) {
        history_.read(*event);
    }
}

void ReleaseFollower::show_progress(Style style, const std::stop_token& stop) {
    read(stop);
    if (style == Style::quiet) {
        return;
    }
    auto now = history_.outcomes();
    if (style == Style::plain) {
        for (const auto& outcome : changed_outcomes(shown_, now)) {
            // Every instance is prepared: to say so of each would double a log.
            if (outcome.reason != release::kBeingPrepared) {
                output_.remark(outcome_line(outcome) + "\n");
            }
        }
    } else {
        const auto& terminal = output_.err_terminal();
        const auto lines = lines_that_fit(release_table({steps_, now}, terminal), terminal);
        std::string text = drawn_ > 0 ? fmt::format("\x1b[{}A\x1b[J", drawn_) : "";
        for (const auto& line : lines) {
            text += line + "\n";
        }
        output_.remark(text);
        drawn_ = lines.size();
    }
    shown_ = std::move(now);
}

void ReleaseFollower::close() {
    if (drawn_ > 0) {
        output_.remark(fmt::format("\x1b[{}A\x1b[J", drawn_));
        drawn_ = 0;
    }
}

json::object ReleaseFollower::results(const json::object& description) const {
    if (text_in(description, "status") == "SUCCEEDED") {
        return object_of(text_in(description, "output"));
    }
    const auto& last = history_.results();
    const auto* object = last ? last->if_object() : nullptr;
    const auto* output = object == nullptr ? nullptr : object->if_contains("output");
    return output != nullptr && output->is_object() ? output->get_object() : json::object{};
}

std::vector<release::Outcome> ReleaseFollower::final_outcomes(const json::object& description
) const {
    const bool over = text_in(description, "status") != "RUNNING";
    auto output = over ? results(description) : json::object{};
    return output.empty() ? history_.outcomes()
                          : release::collect_outcomes(json::object{{"output", std::move(output)}});
}

ReleaseView ReleaseFollower::view(const json::object& description) const {
    return {steps_, final_outcomes(description)};
}

}  // namespace kiln::cli
