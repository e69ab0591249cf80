#pragma once

#include "compute/guest.hpp"
#include "ports/instance_store.hpp"

/// What an instance is to be next. Pure: records in, records out.
namespace kiln::compute {

inline constexpr const char* kUserShutdown =
    "Client.UserInitiatedShutdown: User initiated shutdown";
inline constexpr const char* kGuestShutdown =
    "Client.InstanceInitiatedShutdown: Instance initiated shutdown";

/// A keeper takes a pending instance over. nullopt: there is nothing to keep.
[[nodiscard]] std::optional<ports::InstanceRecord> taken_over(
    ports::InstanceRecord record, const HolderId& keeper, const JobId& job
);

/// Its guest runs.
[[nodiscard]] ports::InstanceRecord begun(
    ports::InstanceRecord record,
    int first_process,
    std::vector<std::pair<std::uint16_t, std::string>> forwards
);

/// What the keeper does with an instance whose guest has ended.
enum class AfterEnd {
    start_again,  ///< another guest over the same volume
    let_go,       ///< it is stopped: its volume stays
    remove,       ///< its volume goes, then it is terminated
};

struct Ended {
    ports::InstanceRecord record;
    AfterEnd then = AfterEnd::let_go;
};

/// A guest has ended; what is wished for wins over what it did by itself.
[[nodiscard]] Ended after_end(ports::InstanceRecord record, const GuestEnd& end, TimePoint now);

/// Its volume is gone.
[[nodiscard]] ports::InstanceRecord terminated(ports::InstanceRecord record, TimePoint now);

/// Somebody wants it changed; nullopt: it is so already. @throws Error  conflict
[[nodiscard]] std::optional<ports::InstanceRecord> wished(
    ports::InstanceRecord record, ports::Change change, ports::Force force, TimePoint now
);

/// Somebody wants it gone; nullopt: it is, or is about to be.
[[nodiscard]] std::optional<ports::InstanceRecord> doomed(ports::InstanceRecord record);

/// What has to be done about an instance whose keeper is dead.
enum class Orphan {
    none,    ///< nothing: it needs no keeper
    keep,    ///< it was about to start: it gets a keeper
    finish,  ///< `record` is what it is now
    remove,  ///< its volume goes, then `terminated`
};

struct Verdict {
    Orphan what = Orphan::none;
    ports::InstanceRecord record;
};

/// @param keeper_lives  does the process of `record.keeper` live? Without a job it is the launcher,
///   which may live for long after a keeper that never came
[[nodiscard]] Verdict judge(ports::InstanceRecord record, bool keeper_lives, TimePoint now);

}  // namespace kiln::compute
