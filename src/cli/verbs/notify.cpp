#include "base/hex.hpp"
#include "base/random.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"
#include "notify/channel.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kiln::cli::verbs {

namespace {

constexpr std::chrono::seconds kTestLimit{30};  ///< for each channel

/// What came of telling one channel.
struct Told {
    std::string channel;
    std::optional<Error> failure;
};

Told tell(notify::Channel& channel, const notify::Event& event, const std::stop_token& stop) {
    try {
        channel.send(event, stop, Deadline::after(kTestLimit));
        return {std::string{channel.name()}, std::nullopt};
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::cancelled) {
            throw;
        }
        return {std::string{channel.name()}, error};
    }
}

/// Those that are asked for; all, if none is. @throws Error  not_found
std::vector<notify::Channel*> wanted_channels(
    const std::vector<std::unique_ptr<notify::Channel>>& channels,
    const std::vector<std::string>& names
) {
    if (channels.empty()) {
        throw Error{ErrorKind::not_found, "no channel of notifications is set up"}.hint(
            "set notify.slack_hook, notify.smtp, notify.webhook or notify.queue in kiln.toml"
        );
    }
    std::vector<notify::Channel*> wanted;
    std::vector<std::string> there;
    for (const auto& channel : channels) {
        there.emplace_back(channel->name());
        if (names.empty() || std::find(names.begin(), names.end(), there.back()) != names.end()) {
            wanted.push_back(channel.get());
        }
    }
    for (const auto& name : names) {
        if (std::find(there.begin(), there.end(), name) == there.end()) {
            throw Error{
                ErrorKind::not_found,
                fmt::format("channel {} is not set up; there is {}", name, fmt::join(there, ", "))};
        }
    }
    return wanted;
}

void show(const Context& context, const std::vector<Told>& told, const std::string& key) {
    if (!context.json) {
        for (const auto& each : told) {
            context.output.line(
                each.failure ? fmt::format("{}: {}", each.channel, each.failure->message())
                             : fmt::format("{}: sent", each.channel)
            );
        }
        return;
    }
    json::array all;
    for (const auto& each : told) {
        json::object one{{"channel", each.channel}, {"sent", !each.failure}};
        if (each.failure) {
            one["error"] = {
                {"kind", to_string(each.failure->kind())}, {"message", each.failure->message()}};
        }
        all.push_back(std::move(one));
    }
    context.output.document(json::object{{"key", key}, {"channels", std::move(all)}});
}

int test(Context& context) {
    const auto channels = context.services.notify_channels();
    notify::Event event;
    event.kind = notify::Kind::test;
    event.key = "test-" + to_hex(random_bytes<8>());
    event.time = context.services.clock().now();
    std::vector<Told> told;
    for (auto* channel : wanted_channels(channels, context.arguments.all("channel"))) {
        told.push_back(tell(*channel, event, context.stop));
    }
    show(context, told, event.key);
    for (const auto& each : told) {
        if (each.failure) {
            return exit_code(each.failure->kind());
        }
    }
    return 0;
}

json::object row_json(const ports::NotificationRow& row) {
    json::object out{
        {"key", row.key},
        {"channel", row.channel},
        {"kind", row.kind},
        {"state", ports::to_string(row.state)},
        {"created", format_time(row.created)},
        {"attempts", row.attempts},
        {"due", nullptr},
        {"ended", nullptr},
        {"error", row.error},
        {"event", notify::event_json(notify::read_event(row.event))}};
    if (row.state == ports::NotificationState::waiting) {
        out["due"] = format_time(row.due);
    }
    if (row.ended) {
        out["ended"] = format_time(*row.ended);
    }
    return out;
}

ports::NotificationFilter filter_of(const Arguments& arguments) {
    ports::NotificationFilter filter;
    if (const auto state = arguments.one("state")) {
        filter.state = ports::parse_notification_state(*state);
    }
    filter.channel = arguments.one("channel");
    if (const auto limit = arguments.one("limit")) {
        const auto* last = limit->data() + limit->size();
        const auto [end, error] = std::from_chars(limit->data(), last, filter.limit);
        if (error != std::errc{} || end != last || filter.limit == 0) {
            throw Error{
                ErrorKind::invalid, fmt::format("--limit: '{}' is not a number from 1 up", *limit)};
        }
    }
    return filter;
}

int list(Context& context) {
    const auto rows = context.services.notifications().list(filter_of(context.arguments));
    if (context.json) {
        json::array all;
        for (const auto& row : rows) {
            all.push_back(row_json(row));
        }
        context.output.document(all);
        return 0;
    }
    Table table{
        {{"CREATED"},
         {"CHANNEL"},
         {"KIND"},
         {"STATE"},
         {"TRIED", true},
         {"KEY", false, true},
         {"ERROR", false, true}}};
    for (const auto& row : rows) {
        table.add(
            {format_time(row.created).substr(0, 19) + "Z",
             row.channel,
             row.kind,
             std::string{ports::to_string(row.state)},
             std::to_string(row.attempts),
             row.key,
             row.error}
        );
    }
    context.output.print(table.text(context.output.out_terminal()));
    return 0;
}

const std::vector<std::string> kChannels{"slack", "mail", "webhook", "queue"};

}  // namespace

Verb notify_test() {
    return {
        .path = "notify test",
        .summary = "tell each channel of notifications that this is a test",
        .text = "At once, without the outbox. Fails with the first channel's error.",
        .options =
            {{.name = "channel",
              .value = "NAME",
              .help = "only this one; may be repeated",
              .repeatable = true,
              .choices = kChannels}},
        .examples =
            {{"kiln notify test", "all that are set up"},
             {"kiln notify test --channel mail", "the mail server alone"}},
        .needs = Needs::nothing,
        .run = test,
    };
}

Verb notify_list() {
    return {
        .path = "notify list",
        .summary = "list notifications, those to be sent and those of late",
        .text = "",
        .options =
            {{.name = "state",
              .value = "STATE",
              .help = "only those",
              .choices = {"waiting", "sent", "failed"}},
             {.name = "channel", .value = "NAME", .help = "only its own", .choices = kChannels},
             {.name = "limit", .value = "N", .help = "at most so many, the newest (default 100)"}},
        .examples =
            {{"kiln notify list", "the newest, with their outcome"},
             {"kiln notify list --state failed --json", "what was given up, and why"}},
        .run = list,
    };
}

}  // namespace kiln::cli::verbs
