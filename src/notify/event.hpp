#pragma once

#include "base/json.hpp"
#include "base/time.hpp"

#include <span>
#include <string>
#include <string_view>

/// Tells people and programs outside of what happened.
namespace kiln::notify {

/// What there is to tell. Each has a default text (texts.hpp) and its own word (`to_string`).
enum class Kind {
    instance_started,              ///< of a build; `instance`, `build`
    instance_finished,             ///< said that its init script has ended
    instance_terminating,          ///< is being ended
    instance_failed,               ///< a build failed for good; `build`, `error`
    instance_failed_to_terminate,  ///< for good; `instance`, `error`
    instance_in_service,           ///< came into its group's service
    instance_out_of_service,       ///< left it
    work_started,                  ///< a bake, a release, an ISO build: `work`, `name`
    work_succeeded,
    work_failed,  ///< with `error`
    test,         ///< `kiln notify test`
};

/// "instance.started"
[[nodiscard]] std::string_view to_string(Kind kind) noexcept;
/// @throws Error  invalid: no kind of that word; with a suggestion
[[nodiscard]] Kind parse_kind(std::string_view word);
[[nodiscard]] std::span<const Kind> all_kinds() noexcept;

/// One thing that happened. A field that does not apply is "".
struct Event {
    Kind kind = Kind::test;
    std::string key;  ///< of this event alone; told twice with the same key, it is one
    TimePoint time;
    std::string site, env, queue, role;
    std::string build, instance;
    std::string work;     ///< what kind of work: "bake", "release"
    std::string name;     ///< which: "web@1"
    std::string link;     ///< where to look closer: a URL, or a command
    std::string error;    ///< why it failed
    std::string channel;  ///< of Slack; "": the configured one

    bool operator==(const Event&) const = default;
};

/// What the other side gets: {"type", "timestamp", "data": {the fields that are not ""}}.
[[nodiscard]] json::object event_json(const Event& event);

/// As the outbox keeps it: the same with the key, and the channel. One line.
[[nodiscard]] std::string write_event(const Event& event);
/// @throws Error  corrupt: not what write_event writes
[[nodiscard]] Event read_event(std::string_view text);

}  // namespace kiln::notify
