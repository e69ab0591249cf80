#include "local/lent_disk.hpp"

#include "local/qcow2.hpp"
#include "local/tests/world.hpp"

#include <gtest/gtest.h>

namespace kiln::local {
namespace {

class LentDiskTest : public ::testing::Test {
  protected:
    VolumeId volume() {
        ports::VolumeSpec spec;
        spec.owner = job_;
        spec.size = testing::World::unit();
        return world_.cloud().volumes.create(spec, Deadline::never()).id;
    }

    ports::VolumeState state(const VolumeId& id) {
        return world_.cloud().volumes.describe({id}).front().state;
    }

    testing::World world_;
    JobId job_ = JobId::random();
};

TEST_F(LentDiskTest, FileOfANewVolumeIsAnEmptyDiskOfItsSize) {
    auto disk = world_.local().lend(job_, volume());
    EXPECT_EQ(read_qcow2_header(disk.file()).virtual_size.count, testing::World::unit().count);
}

TEST_F(LentDiskTest, VolumeIsInUseUntilItIsGivenBack) {
    const auto id = volume();
    auto disk = world_.local().lend(job_, id);
    EXPECT_EQ(state(id), ports::VolumeState::in_use);
    disk.give_back();
    EXPECT_EQ(state(id), ports::VolumeState::available);
}

TEST_F(LentDiskTest, NobodyElseHasItMeanwhile) {
    const auto id = volume();
    const auto disk = world_.local().lend(job_, id);
    try {
        (void)world_.local().lend(job_, id);
        FAIL() << "lent twice";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::conflict);
    }
}

TEST_F(LentDiskTest, SameFileIsLentTheNextTime) {
    const auto id = volume();
    const auto first = world_.local().lend(job_, id).file();
    EXPECT_EQ(world_.local().lend(job_, id).file(), first);
}

}  // namespace
}  // namespace kiln::local
