#pragma once

#include "base/ids.hpp"
#include "compute/guest.hpp"
#include "compute/network.hpp"
#include "ports/clock.hpp"
#include "ports/cloud.hpp"
#include "ports/instance_store.hpp"
#include "ports/ledger.hpp"

#include <chrono>
#include <filesystem>
#include <functional>

namespace kiln::compute {

/// What the local cloud's instances stand on. What it refers to outlives whoever has it.
struct World {
    ports::InstanceStore& instances;
    ports::KeyPairStore& keys;
    ports::SecurityGroupStore& groups;
    ports::Cloud cloud;
    ports::Ledger& ledger;
    const ports::Clock& clock;
    HolderId holder;                   ///< this process
    std::filesystem::path run_folder;  ///< each job has a folder below it
    std::filesystem::path folder;      ///< an instance's console lies in FOLDER/ID
    HomeNetwork network;
    std::function<bool(const HolderId&)> holder_alive;
    std::function<void(const JobId&)> undo_job;  ///< all that the ledger has of it
    std::function<void()> sweep;                 ///< what the dead own is undone
    /// Starts `kiln keep ID` as a process of its own session.
    std::function<void(const InstanceId&)> start_keeper;
};

/// How long an instance may take to end in order before it is killed.
inline constexpr std::chrono::seconds kStopGrace{20};

}  // namespace kiln::compute
