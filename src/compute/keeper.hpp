#pragma once

#include "compute/console_log.hpp"
#include "compute/life.hpp"
#include "compute/settings.hpp"
#include "os/fd.hpp"

#include <stop_token>

namespace kiln::compute {

/// One instance's keeper: it owns the job that the guest belongs to, starts the guest, writes the
/// instance's state, does what is wished for, and ends all of it. `kiln keep ID` is one, and ends
/// with its instance.
class Keeper {
  public:
    struct Families {
        GuestFamily& containers;
        GuestFamily* machines = nullptr;  ///< nullptr: none on this host
    };

    Keeper(World world, Families families, InstanceId id);

    /// Returns when the instance is stopped or terminated, or somebody else keeps it. A stop
    /// request ends the guest in order first; the instance is then stopped.
    void run(const std::stop_token& stop);

  private:
    enum class Round { again, over };

    /// @returns  false: another process keeps it
    bool keep(const std::stop_token& stop);
    Round keep_once(const std::stop_token& stop);
    GuestEnd run_guest(const ports::InstanceRecord& record, const std::stop_token& stop);
    Round settle(const Ended& ended);
    /// Reads the record, changes it and writes it, until nobody was faster.
    /// @throws Error  not_found: it is gone
    ports::InstanceRecord change(
        const std::function<std::optional<ports::InstanceRecord>(ports::InstanceRecord)>& how
    );
    [[nodiscard]] GuestPlan plan_for(const ports::InstanceRecord& record, int console);
    GuestEnd watch(Guest& guest, const std::stop_token& stop);
    void remove_volume(const ports::InstanceRecord& record);

    World world_;
    Families families_;
    InstanceId id_;
    JobId job_ = JobId::random();
    os::Fd calls_;  ///< a socket: whoever changed the record sends a datagram
};

}  // namespace kiln::compute
