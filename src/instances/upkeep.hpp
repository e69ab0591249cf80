#pragma once

#include "instances/build_job.hpp"
#include "instances/reconcile.hpp"
#include "instances/world.hpp"

namespace kiln::instances {

/// What is done again and again beside the jobs: the view of the cloud is brought up to date, what
/// there is and what is remembered are held against each other, groups are kept at their size.
/// By one thread at a time; any number of processes.
class Upkeep {
  public:
    /// `world` outlives this.
    explicit Upkeep(World& world) : world_{world}, builds_{world.store}, job_{world} {}

    /// One round. A cloud that does not answer is not an error: the old view stays, marked stale,
    /// and nothing else is done. @returns  was the cloud seen?
    bool run();

  private:
    bool look(ReconcileFacts& facts);
    void carry_out(const ReconcilePlan& plan);
    void record_gone(const Gone& gone);
    void remove_idle_groups(const std::map<std::string, InstanceBuild>& builds);

    World& world_;
    Builds builds_;
    BuildJob job_;
};

}  // namespace kiln::instances
