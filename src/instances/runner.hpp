#pragma once

#include "instances/build_job.hpp"
#include "instances/world.hpp"

namespace kiln::instances {

/// All jobs of the instance API, by their queue.
class Runner final : public JobRunner {
  public:
    /// `world` outlives this.
    explicit Runner(World& world) : world_{world}, builds_{world} {}

    void run(const Job& job) override;
    void give_up(const Job& job, const Error& error) override;

  private:
    void complete_action(const Job& job);

    World& world_;
    BuildJob builds_;
};

}  // namespace kiln::instances
