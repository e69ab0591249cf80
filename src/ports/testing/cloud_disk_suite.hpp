#pragma once

#include "ports/testing/cloud_fixture.hpp"

namespace kiln::ports::testing {

/// Every rule of volumes, attachments and snapshots. What a driver has: CloudFixture.
template <class Driver>
class CloudDiskConformance : public CloudFixture<Driver> {};

TYPED_TEST_SUITE_P(CloudDiskConformance);

// Volumes

TYPED_TEST_P(CloudDiskConformance, EmptyVolumeReadsAsZerosAndKeepsWhatIsWritten) {
    const auto volume = this->make_volume();
    auto attached = this->attach(volume.id);
    EXPECT_EQ(this->size_of(*attached), volume.size);
    EXPECT_EQ(this->read(*attached, {}, 4), std::string(4, '\0'));
    this->write(*attached, Bytes{4096}, "kept");
    attached->detach();
    attached = this->attach(volume.id);
    EXPECT_EQ(this->read(*attached, Bytes{4096}, 4), "kept");
    attached->detach();
}

TYPED_TEST_P(CloudDiskConformance, VolumeIsDescribedAsItWasMade) {
    VolumeSpec spec;
    spec.owner = this->job;
    spec.size = this->driver->unit();
    spec.tags = {{"team", "web"}};
    const auto made = this->cloud->volumes.create(spec, this->soon());
    const auto found = this->cloud->volumes.describe({made.id});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].id, made.id);
    EXPECT_EQ(found[0].size, this->driver->unit());
    EXPECT_EQ(found[0].state, VolumeState::available);
    EXPECT_EQ(found[0].tags, spec.tags);
    EXPECT_FALSE(found[0].zone.empty());
    EXPECT_EQ(found[0].created, made.created);
    EXPECT_FALSE(found[0].snapshot.has_value());
}

TYPED_TEST_P(CloudDiskConformance, AllVolumesAreDescribedWithoutIds) {
    const auto one = this->make_volume();
    const auto two = this->make_volume();
    std::vector<VolumeId> ids;
    for (const auto& volume : this->cloud->volumes.describe({})) {
        ids.push_back(volume.id);
    }
    EXPECT_THAT(ids, ::testing::UnorderedElementsAre(one.id, two.id));
}

TYPED_TEST_P(CloudDiskConformance, EmptyVolumeNeedsASize) {
    VolumeSpec spec;
    spec.owner = this->job;
    EXPECT_EQ(
        kind_of([&] { (void)this->cloud->volumes.create(spec, this->soon()); }), ErrorKind::invalid
    );
}

TYPED_TEST_P(CloudDiskConformance, VolumeOfAnUnknownZoneOrWithBadTagsIsInvalid) {
    VolumeSpec spec;
    spec.owner = this->job;
    spec.size = this->driver->unit();
    spec.zone = "nowhere-1a";
    EXPECT_EQ(
        kind_of([&] { (void)this->cloud->volumes.create(spec, this->soon()); }), ErrorKind::invalid
    );
    spec.zone = "";
    spec.tags = {{"aws:reserved", "x"}};
    EXPECT_EQ(
        kind_of([&] { (void)this->cloud->volumes.create(spec, this->soon()); }), ErrorKind::invalid
    );
    EXPECT_THAT(this->cloud->volumes.describe({}), ::testing::IsEmpty());
}

TYPED_TEST_P(CloudDiskConformance, VolumeOfAnUnknownSnapshotIsNotFound) {
    EXPECT_EQ(
        kind_of([&] { (void)this->make_volume(SnapshotId::random()); }), ErrorKind::not_found
    );
}

TYPED_TEST_P(CloudDiskConformance, VolumeSmallerThanItsSnapshotIsInvalid) {
    const auto big = this->make_volume(std::nullopt, this->driver->unit() * 2);
    const auto snapshot = this->freeze(big.id);
    EXPECT_EQ(
        kind_of([&] { (void)this->make_volume(snapshot.id, this->driver->unit()); }),
        ErrorKind::invalid
    );
}

TYPED_TEST_P(CloudDiskConformance, VolumeLargerThanItsSnapshotHasItsDataAndZerosBehind) {
    const auto source = this->make_volume();
    auto attached = this->attach(source.id);
    this->write(*attached, source.size - Bytes{4096}, "last");
    attached->detach();
    const auto snapshot = this->freeze(source.id);
    const auto larger = this->make_volume(snapshot.id, source.size * 2);
    EXPECT_EQ(larger.size, source.size * 2);
    attached = this->attach(larger.id);
    EXPECT_EQ(this->size_of(*attached), source.size * 2);
    EXPECT_EQ(this->read(*attached, source.size - Bytes{4096}, 4), "last");
    EXPECT_EQ(this->read(*attached, source.size, 4), std::string(4, '\0'));
    this->write(*attached, source.size * 2 - Bytes{4096}, "end.");
    EXPECT_EQ(this->read(*attached, source.size * 2 - Bytes{4096}, 4), "end.");
    attached->detach();
}

TYPED_TEST_P(CloudDiskConformance, RemovedVolumeIsGoneAndRemovalIsIdempotent) {
    const auto volume = this->make_volume();
    this->cloud->volumes.remove(volume.id, this->soon());
    EXPECT_EQ(
        kind_of([&] { (void)this->cloud->volumes.describe({volume.id}); }), ErrorKind::not_found
    );
    this->cloud->volumes.remove(volume.id, this->soon());
    this->cloud->volumes.remove(VolumeId::random(), this->soon());
}

// Attachments

TYPED_TEST_P(CloudDiskConformance, AttachedVolumeIsInUseAndThenAvailable) {
    const auto volume = this->make_volume();
    auto attached = this->attach(volume.id);
    EXPECT_EQ(this->state_of(volume.id), VolumeState::in_use);
    EXPECT_FALSE(attached->failure().has_value());
    attached->detach();
    EXPECT_EQ(this->state_of(volume.id), VolumeState::available);
}

TYPED_TEST_P(CloudDiskConformance, VolumeIsDetachedAtTheEndOfTheObject) {
    const auto volume = this->make_volume();
    auto attached = this->attach(volume.id);
    attached.reset();
    EXPECT_EQ(this->state_of(volume.id), VolumeState::available);
    this->attach(volume.id)->detach();
}

TYPED_TEST_P(CloudDiskConformance, AttachedVolumeIsNeitherAttachedAgainNorRemoved) {
    const auto volume = this->make_volume();
    auto attached = this->attach(volume.id);
    EXPECT_EQ(kind_of([&] { (void)this->attach(volume.id); }), ErrorKind::conflict);
    EXPECT_EQ(
        kind_of([&] { this->cloud->volumes.remove(volume.id, this->soon()); }), ErrorKind::conflict
    );
    EXPECT_EQ(this->state_of(volume.id), VolumeState::in_use);
    attached->detach();
    this->cloud->volumes.remove(volume.id, this->soon());
}

TYPED_TEST_P(CloudDiskConformance, AttachingAnUnknownVolumeIsNotFound) {
    EXPECT_EQ(kind_of([&] { (void)this->attach(VolumeId::random()); }), ErrorKind::not_found);
}

TYPED_TEST_P(CloudDiskConformance, ReadOnlyAttachmentCannotBeWritten) {
    const auto volume = this->make_volume(this->make_snapshot().id);
    auto attached = this->attach(volume.id, true);
    EXPECT_EQ(this->size_of(*attached), volume.size);
    EXPECT_NE(kind_of([&] { this->write(*attached, {}, "x"); }), std::nullopt);
    EXPECT_EQ(this->read(*attached, {}, 1), std::string(1, '\0'));
    attached->detach();
}

// Snapshots

TYPED_TEST_P(CloudDiskConformance, SnapshotOfADetachedVolumeHasItsData) {
    const auto volume = this->make_volume();
    auto attached = this->attach(volume.id);
    this->write(*attached, {}, "before");
    attached->detach();
    const auto snapshot = this->freeze(volume.id, "a description");
    EXPECT_EQ(snapshot.state, SnapshotState::completed);
    EXPECT_EQ(snapshot.size, volume.size);
    EXPECT_EQ(snapshot.description, "a description");
    attached = this->attach(volume.id);
    this->write(*attached, {}, "after!");
    attached->detach();
    auto copy = this->attach(this->make_volume(snapshot.id).id);
    EXPECT_EQ(this->read(*copy, {}, 6), "before");
    copy->detach();
    attached = this->attach(volume.id);
    EXPECT_EQ(this->read(*attached, {}, 6), "after!");
    attached->detach();
}

TYPED_TEST_P(CloudDiskConformance, SnapshotOfAnAttachedVolumeHasNothingWrittenLater) {
    const auto volume = this->make_volume();
    auto attached = this->attach(volume.id);
    this->write(*attached, {}, "first");
    const auto first = this->freeze(volume.id);
    this->write(*attached, {}, "later");
    this->write(*attached, Bytes{8192}, "more");
    const auto second = this->freeze(volume.id);
    this->write(*attached, {}, "again");
    EXPECT_EQ(this->read(*attached, {}, 5), "again");
    attached->detach();
    auto copy = this->attach(this->make_volume(first.id).id);
    EXPECT_EQ(this->read(*copy, {}, 5), "first");
    EXPECT_EQ(this->read(*copy, Bytes{8192}, 4), std::string(4, '\0'));
    copy->detach();
    copy = this->attach(this->make_volume(second.id).id);
    EXPECT_EQ(this->read(*copy, {}, 5), "later");
    EXPECT_EQ(this->read(*copy, Bytes{8192}, 4), "more");
    copy->detach();
    attached = this->attach(volume.id);
    EXPECT_EQ(this->read(*attached, {}, 5), "again");
    attached->detach();
}

TYPED_TEST_P(CloudDiskConformance, VolumesOfOneSnapshotDoNotSeeEachOther) {
    const auto snapshot = this->make_snapshot();
    const auto one = this->make_volume(snapshot.id), two = this->make_volume(snapshot.id);
    auto first = this->attach(one.id), second = this->attach(two.id);
    this->write(*first, {}, "one");
    this->write(*second, {}, "two");
    EXPECT_EQ(this->read(*first, {}, 3), "one");
    EXPECT_EQ(this->read(*second, {}, 3), "two");
    first->detach();
    second->detach();
}

TYPED_TEST_P(CloudDiskConformance, SnapshotOutlivesItsVolume) {
    const auto volume = this->make_volume();
    auto attached = this->attach(volume.id);
    this->write(*attached, {}, "stays");
    attached->detach();
    const auto snapshot = this->freeze(volume.id);
    this->cloud->volumes.remove(volume.id, this->soon());
    attached = this->attach(this->make_volume(snapshot.id).id);
    EXPECT_EQ(this->read(*attached, {}, 5), "stays");
    attached->detach();
}

TYPED_TEST_P(CloudDiskConformance, VolumeOutlivesItsSnapshot) {
    const auto source = this->make_volume();
    auto attached = this->attach(source.id);
    this->write(*attached, {}, "stays");
    attached->detach();
    const auto snapshot = this->freeze(source.id);
    const auto volume = this->make_volume(snapshot.id);
    this->cloud->snapshots.remove(snapshot.id, this->soon());
    this->cloud->volumes.remove(source.id, this->soon());
    attached = this->attach(volume.id);
    EXPECT_EQ(this->read(*attached, {}, 5), "stays");
    attached->detach();
}

TYPED_TEST_P(CloudDiskConformance, SnapshotOfAnUnknownVolumeIsNotFound) {
    EXPECT_EQ(kind_of([&] { (void)this->freeze(VolumeId::random()); }), ErrorKind::not_found);
    EXPECT_EQ(
        kind_of([&] { (void)this->cloud->snapshots.describe({SnapshotId::random()}); }),
        ErrorKind::not_found
    );
}

TYPED_TEST_P(CloudDiskConformance, RemovedSnapshotIsGoneAndRemovalIsIdempotent) {
    const auto snapshot = this->make_snapshot();
    this->cloud->snapshots.remove(snapshot.id, this->soon());
    EXPECT_THAT(this->cloud->snapshots.describe({}), ::testing::IsEmpty());
    this->cloud->snapshots.remove(snapshot.id, this->soon());
    this->cloud->snapshots.remove(SnapshotId::random(), this->soon());
}

TYPED_TEST_P(CloudDiskConformance, SnapshotOfAnImageCannotBeRemoved) {
    const auto image = this->make_image("an image");
    try {
        this->cloud->snapshots.remove(image.root_snapshot, this->soon());
        FAIL() << "removed";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::conflict);
        EXPECT_THAT(error.message(), ::testing::HasSubstr(image.id.str()));
    }
    this->cloud->images.deregister(image.id);
    this->cloud->snapshots.remove(image.root_snapshot, this->soon());
}

TYPED_TEST_P(CloudDiskConformance, SharedSnapshotNamesItsAccounts) {
    const auto snapshot = this->make_snapshot();
    this->cloud->snapshots.share(snapshot.id, {"222222222222", "111111111111"});
    EXPECT_THAT(
        this->cloud->snapshots.describe({snapshot.id}).at(0).shared_with,
        ::testing::ElementsAre("111111111111", "222222222222")
    );
    EXPECT_EQ(
        kind_of([&] { this->cloud->snapshots.share(snapshot.id, {"somebody"}); }),
        ErrorKind::invalid
    );
}

REGISTER_TYPED_TEST_SUITE_P(
    CloudDiskConformance,
    EmptyVolumeReadsAsZerosAndKeepsWhatIsWritten,
    VolumeIsDescribedAsItWasMade,
    AllVolumesAreDescribedWithoutIds,
    EmptyVolumeNeedsASize,
    VolumeOfAnUnknownZoneOrWithBadTagsIsInvalid,
    VolumeOfAnUnknownSnapshotIsNotFound,
    VolumeSmallerThanItsSnapshotIsInvalid,
    VolumeLargerThanItsSnapshotHasItsDataAndZerosBehind,
    RemovedVolumeIsGoneAndRemovalIsIdempotent,
    AttachedVolumeIsInUseAndThenAvailable,
    VolumeIsDetachedAtTheEndOfTheObject,
    AttachedVolumeIsNeitherAttachedAgainNorRemoved,
    AttachingAnUnknownVolumeIsNotFound,
    ReadOnlyAttachmentCannotBeWritten,
    SnapshotOfADetachedVolumeHasItsData,
    SnapshotOfAnAttachedVolumeHasNothingWrittenLater,
    VolumesOfOneSnapshotDoNotSeeEachOther,
    SnapshotOutlivesItsVolume,
    VolumeOutlivesItsSnapshot,
    SnapshotOfAnUnknownVolumeIsNotFound,
    RemovedSnapshotIsGoneAndRemovalIsIdempotent,
    SnapshotOfAnImageCannotBeRemoved,
    SharedSnapshotNamesItsAccounts
);

}  // namespace kiln::ports::testing
