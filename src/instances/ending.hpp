#pragma once

#include "instances/world.hpp"

#include <string>

/// How instances end: on somebody's word, or of themselves.
namespace kiln::instances {

/// What a job of `instance-terminations` asks for. The predecessor's has an object; a plain id will
/// do as well.
struct Ending {
    std::string instance;
    std::string channel;  ///< "": the build's

    bool operator==(const Ending&) const = default;
};

/// Pure. @throws Error  invalid
[[nodiscard]] Ending read_ending(const Job& job);
[[nodiscard]] json::array ending_args(const Ending& ending);

/// Begins its end, notes why, tells it, takes it from the cache. One that is gone already is
/// success. Twice is the same as once. Fault points `before:instance.terminate`,
/// `after:instance.terminate`.
void end_instance(World& world, const Ending& ending);

/// It could not be ended: tells that.
void tell_not_ended(World& world, const Ending& ending, const std::string& why);

/// The note of an instance; a new one where there is none.
[[nodiscard]] ports::InstanceNoteRow note_of(World& world, const std::string& instance);

/// Does the cloud say that this instance was launched for this build? For a machine that calls
/// before its launch was written down.
[[nodiscard]] bool is_of_build(World& world, const std::string& instance, const std::string& build);

/// From now on it is to be "up" or "down": the note and the cache say so.
void expect(World& world, const std::string& instance, const std::string& state);

/// A notice about an instance, whether it is of a build or not. @param key  what makes it one
[[nodiscard]] Notice notice_about(
    World& world, const std::string& instance, Notice::Kind kind, const std::string& channel
);

}  // namespace kiln::instances
