#include "base/log.hpp"
#include "instances/tests/fake_world.hpp"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// Builds, groups and endings with a process that is killed, or a call that fails, before or after
/// any effect: the outcome is that of an undisturbed run.
namespace kiln::instances {
namespace {

using testing::FakeWorld;
using ::testing::IsEmpty;
using testing::Killed;
using ::testing::SizeIs;

/// Without what upkeep logs of its failures.
class Simulation : public ::testing::Test {
  protected:
    void SetUp() override { configure_log(LogLevel::off, LogShape::text); }

    void TearDown() override { configure_log(LogLevel::warning, LogShape::text); }
};

constexpr int kSteps = 2000;

/// Calls `step` until it says that it is done; a process that is killed is started anew.
template <class Step>
void persist(FakeWorld& world, Step&& step) {
    for (int i = 0; i < kSteps; ++i) {
        try {
            if (step()) {
                return;
            }
        } catch (const Killed&) {
            world.start();
        } catch (const Error& error) {
            ASSERT_TRUE(may_pass(error.kind())) << error.message();
        }
        world.clock.advance(std::chrono::minutes{1});
    }
    FAIL() << "it does not come to rest";
}

void run_jobs(FakeWorld& world) {
    persist(world, [&] {
        if (!world.jobs.waiting.empty()) {
            (void)world.work();
        }
        Upkeep{world.world()}.run();
        world.machines.settle();
        return world.jobs.waiting.empty();
    });
}

void expect_one_set(FakeWorld& world, const std::string& id, std::size_t count) {
    const auto build = world.build(id);
    EXPECT_EQ(build.state, BuildState::started);
    EXPECT_THAT(build.instances, SizeIs(count));
    EXPECT_EQ(world.notices.count(Notice::Kind::started), count);
    EXPECT_EQ(world.notices.count(Notice::Kind::failed), 0U);
    const auto alive = world.machines.alive();
    EXPECT_THAT(alive, SizeIs(count));
    for (const auto& machine : alive) {
        EXPECT_THAT(build.instances, ::testing::Contains(machine.id.str()));
        for (const auto* tag : {"Name", "role", "site", "env", "queue", kBuildTag, kOwnerTag}) {
            EXPECT_TRUE(machine.tags.contains(tag)) << tag;
        }
    }
    EXPECT_THAT(world.machines.groups(), SizeIs(1));
}

void expect_nothing_left(FakeWorld& world, const std::string& id) {
    EXPECT_THAT(world.machines.alive(), IsEmpty());
    EXPECT_THAT(world.machines.groups(), IsEmpty());
    EXPECT_TRUE(world.build(id).closed);
    EXPECT_EQ(world.rows.find_script(id), std::nullopt);
    EXPECT_THAT(world.rows.live_instances(), IsEmpty());
}

void end_all(FakeWorld& world, const std::string& id) {
    persist(world, [&] {
        if (!Upkeep{world.world()}.run()) {
            return false;
        }
        for (const auto& machine : world.build(id).instances) {
            if (world.cache().find(machine)) {
                world.desk().terminate(machine, "");
            }
        }
        return true;
    });
    run_jobs(world);
    persist(world, [&] {
        Upkeep{world.world()}.run();
        world.machines.settle();
        return world.build(id).closed.has_value();
    });
}

/// The whole life of a build of two machines, whatever happens on the way.
void live_and_end(FakeWorld& world, const std::string& id) {
    run_jobs(world);
    expect_one_set(world, id, 2);
    end_all(world, id);
    expect_nothing_left(world, id);
}

std::string submit(FakeWorld& world) {
    return world
        .submit({{"count", 2}, {"alternatives", {{{"zone", "a"}}, {{"instance_type", "ct.large"}}}}}
        )
        .id;
}

/// How many effects an undisturbed run has.
int effects() {
    FakeWorld world;
    world.machines.fill({"ct.small"});
    const auto id = submit(world);
    run_jobs(world);
    expect_one_set(world, id, 2);
    end_all(world, id);
    expect_nothing_left(world, id);
    return world.fuse.burnt();
}

TEST_F(Simulation, KilledOnceAtAnyEffectThereIsOneSetOfMachinesAndThenNone) {
    const int all = effects();
    ASSERT_GT(all, 40);
    for (int at = 1; at <= all; ++at) {
        SCOPED_TRACE(at);
        FakeWorld world;
        world.machines.fill({"ct.small"});
        const auto id = submit(world);
        const auto before = world.fuse.burnt();
        world.fuse.on_burn = [&](int burnt) {
            if (burnt == before + at) {
                throw Killed{};
            }
        };
        live_and_end(world, id);
        if (HasFailure()) {
            return;
        }
    }
}

TEST_F(Simulation, KilledAndRefusedAtRandomItComesToTheSame) {
    for (unsigned seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE(seed);
        FakeWorld world;
        world.machines.fill({"ct.small"});
        const auto id = submit(world);
        std::mt19937 random{seed};
        world.fuse.on_burn = [&](int) {
            const auto die = random() % 40;
            if (die == 0) {
                throw Killed{};
            }
            if (die == 1) {
                throw Error{ErrorKind::unavailable, "no answer"};
            }
        };
        live_and_end(world, id);
        if (HasFailure()) {
            return;
        }
    }
}

TEST_F(Simulation, KilledWhileItIsAcceptedABuildIsWholeOrWasNeverAnswered) {
    for (int at = 1; at <= 6; ++at) {
        SCOPED_TRACE(at);
        FakeWorld world;
        world.fuse.on_burn = [&](int burnt) {
            if (burnt == at) {
                throw Killed{};
            }
        };
        EXPECT_THROW((void)world.submit(), Killed);
        world.start();
        persist(world, [&] {
            Upkeep{world.world()}.run();
            return world.clock.now() > TimePoint{} && world.fuse.burnt() > at + 20;
        });
        run_jobs(world);
        const auto builds = world.desk().list_builds({});
        EXPECT_EQ(world.machines.alive().size(), builds.size());
        EXPECT_LE(builds.size(), 1U);
    }
}

TEST_F(Simulation, AGroupIsAtItsSizeWhateverIsKilled) {
    for (unsigned seed = 0; seed < 150; ++seed) {
        SCOPED_TRACE(seed);
        FakeWorld world;
        const auto pattern = world.built();
        const auto group = world.desk()
                               .submit_group(
                                   json::value{
                                       {"instance_id", pattern.instances[0]},
                                       {"site", "org"},
                                       {"env", "prod"},
                                       {"queue", "linux"},
                                       {"role", "worker"},
                                       {"max_size", 5},
                                       {"desired_capacity", 3}},
                                   std::nullopt
                               )
                               .id;
        std::mt19937 random{seed};
        world.fuse.on_burn = [&](int) {
            const auto die = random() % 40;
            if (die == 0) {
                throw Killed{};
            }
            if (die == 1) {
                throw Error{ErrorKind::unavailable, "no answer"};
            }
        };
        const auto size_is = [&](std::size_t want) {
            run_jobs(world);
            persist(world, [&] {
                Upkeep{world.world()}.run();
                if (!world.jobs.waiting.empty()) {
                    (void)world.work();
                }
                world.machines.settle();
                return world.jobs.waiting.empty() && world.machines.alive().size() == want &&
                       world.desk().find_group(group).builds.size() == want - 1;
            });
        };
        size_is(4);
        persist(world, [&] {
            world.desk().resize_group(group, {.desired_capacity = 1});
            return true;
        });
        size_is(2);
        if (::testing::Test::HasFailure()) {
            return;
        }
    }
}

}  // namespace
}  // namespace kiln::instances
