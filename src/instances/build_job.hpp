#pragma once

#include "instances/build_steps.hpp"
#include "instances/builds.hpp"
#include "instances/world.hpp"

namespace kiln::instances {

/// The job `instance-builds`: does a build's steps until there is none left. Each is done and then
/// written down; every one may be done twice with the same outcome. Fault points
/// `before:instance.STEP` (before its effect), `after:instance.STEP` (done, not written down) and
/// `wrote:instance.STEP`.
class BuildJob {
  public:
    /// `world` outlives this.
    explicit BuildJob(World& world) : world_{world}, builds_{world.store} {}

    /// @throws Error  may pass: try again; else the build has failed and that was told
    void run(const Job& job);
    void give_up(const Job& job, const Error& error);

    /// Does what is left to be done of a build that failed, or whose machines are all gone. What
    /// cannot be done yet, as a group whose machine is still ending, stays for the next time.
    void close(const std::string& id);

  private:
    InstanceBuild find_or_accept(const Job& job);
    void go_on(InstanceBuild& build);
    void fail(const std::string& id, const std::string& why);
    void do_step(BuildStep step, InstanceBuild& build);
    void resolve_image(InstanceBuild& build);
    void make_script(InstanceBuild& build);
    void make_group(InstanceBuild& build);
    void launch(InstanceBuild& build);
    void take(InstanceBuild& build, std::vector<ports::Instance> instances);
    void name_machines(InstanceBuild& build);
    void tell(InstanceBuild& build);
    void clean_up(InstanceBuild& build);
    /// Ends what bears the build's tag and is not in its record. @returns is nothing of it left?
    bool end_strays(const InstanceBuild& build);
    [[nodiscard]] Deadline call_deadline() const;

    World& world_;
    Builds builds_;
};

/// What a job of this queue asks for, whoever pushed it: our own have the build's `id`, others'
/// (a Sidekiq client's) get the one that follows from the job's. Pure.
/// @throws Error  invalid: with every fault
[[nodiscard]] InstanceBuild read_build_job(
    const Job& job, const BuildDefaults& defaults, TimePoint now
);

/// The arguments of a build's job. Pure.
[[nodiscard]] json::array build_job_args(const InstanceBuild& build);

/// Writes the record, pushes the job, and writes that down. Of the same build twice: once, and the
/// job again where it may not have been pushed.
void accept(World& world, InstanceBuild& build);

}  // namespace kiln::instances
