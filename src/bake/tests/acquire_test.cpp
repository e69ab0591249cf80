#include "bake/bake_run.hpp"
#include "bake/result.hpp"
#include "bake/step.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/fake_cloud.hpp"
#include "ports/testing/memory_bakes.hpp"
#include "ports/testing/memory_ledger.hpp"

#include <gmock/gmock.h>

namespace kiln::bake {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

/// The step alone, on a cloud that only remembers.
class Acquire : public ::testing::Test {
  protected:
    Acquire() {
        resolved.parent.id = ImageId::random();
        resolved.parent.root_snapshot = SnapshotId::random();
        request.commands = {{"true", false}};
    }

    void keep_ready(std::optional<Bytes> size = std::nullopt) {
        world.ready_volume =
            [this, size](
                const JobId& to, const SnapshotId& snapshot, const std::optional<Bytes>& wanted
            ) -> std::optional<ReadyVolume> {
            asked.push_back(to);
            if (snapshot != resolved.parent.root_snapshot || wanted != size) {
                return std::nullopt;
            }
            ReadyVolume ready;
            ready.volume.id = ready_id;
            return ready;
        };
    }

    void keep_checkpoint() {
        resolved.checkpoint_keys = {"key"};
        ports::Checkpoint checkpoint;
        checkpoint.key = "key";
        checkpoint.snapshot = SnapshotId::random();
        checkpoint.commands = 1;
        checkpoints.put(checkpoint);
    }

    BakeRun& acquired() {
        acquire(run);
        return run;
    }

    ports::testing::FakeClock clock;
    ports::testing::FakeCloud fakes;
    ports::testing::MemoryLedger ledger{HolderId::random(), clock};
    ports::testing::MemoryBakeStore bakes;
    ports::testing::MemoryCheckpointStore checkpoints;
    World world{
        .cloud = fakes.cloud,
        .ledger = ledger,
        .bakes = bakes,
        .checkpoints = checkpoints,
        .clock = clock};
    Request request;
    Resolved resolved;
    const BakeId id = BakeId::random();
    Recorder recorder{world, id, 1, [](const BakeId&, const ports::BakeEvent&) {}};
    BakeRun run{
        .world = world,
        .request = request,
        .resolved = resolved,
        .id = id,
        .job = JobId::random(),
        .folder = {},
        .recorder = recorder,
        .stop = {},
        .deadline = Deadline::never()};
    const VolumeId ready_id = VolumeId::random();
    std::vector<JobId> asked;
};

TEST_F(Acquire, WithoutACacheAVolumeIsMadeAndNothingIsCounted) {
    EXPECT_EQ(acquired().volume->snapshot, resolved.parent.root_snapshot);
    EXPECT_EQ(run.volume_from, "");
    EXPECT_FALSE(result_json(
                     run, StepFailure{"run", Error{ErrorKind::internal, ""}, {}, {}}
    ).contains("volume_from"));
}

TEST_F(Acquire, AVolumeThatStandsReadyIsTakenForThisJob) {
    keep_ready();
    EXPECT_EQ(acquired().volume->id, ready_id);
    EXPECT_EQ(run.volume_from, "hit");
    EXPECT_THAT(asked, ::testing::ElementsAre(run.job));
    EXPECT_THAT(fakes.volumes.volumes, IsEmpty());
}

TEST_F(Acquire, WhereNoneStandsReadyOneIsMadeAndTheMissIsWrittenDown) {
    keep_ready(Bytes{std::uint64_t{8} << 30});
    EXPECT_NE(acquired().volume->id, ready_id);
    EXPECT_EQ(run.volume_from, "miss");
    EXPECT_THAT(fakes.volumes.volumes, SizeIs(1));
    const StepFailure failure{"run", Error{ErrorKind::internal, "x"}, {}, {}};
    EXPECT_EQ(result_json(run, failure).at("volume_from"), "miss");
}

TEST_F(Acquire, TheSizeThatIsAskedForIsLookedFor) {
    request.size = Bytes{std::uint64_t{8} << 30};
    keep_ready(request.size);
    EXPECT_EQ(acquired().volume_from, "hit");
}

TEST_F(Acquire, ACheckpointGoesBeforeAReadyVolume) {
    keep_ready();
    keep_checkpoint();
    EXPECT_NE(acquired().volume->id, ready_id);
    EXPECT_EQ(run.volume_from, "checkpoint");
    EXPECT_EQ(run.resume_at, 1U);
    EXPECT_THAT(asked, IsEmpty());
}

TEST_F(Acquire, WithoutACheckpointAReadyVolumeIsTaken) {
    keep_ready();
    resolved.checkpoint_keys = {"key"};
    EXPECT_EQ(acquired().volume_from, "hit");
}

}  // namespace
}  // namespace kiln::bake
