#pragma once

#include "ports/testing/catalog_fixture.hpp"

namespace kiln::ports::testing {

/// Every rule of ports::Catalog about layers, volumes and snapshots; see CatalogFixture.
template <class Driver>
class CatalogConformance : public CatalogFixture<Driver> {};

TYPED_TEST_SUITE_P(CatalogConformance);

TYPED_TEST_P(CatalogConformance, ALayerIsReadBack) {
    auto put = this->make_layer();
    put.frozen = true;
    this->catalog().put_layer(put);
    const auto got = this->catalog().layer(put.id);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->id, put.id);
    EXPECT_EQ(got->backing, std::nullopt);
    EXPECT_EQ(got->virtual_size, put.virtual_size);
    EXPECT_TRUE(got->frozen);
    EXPECT_EQ(got->depth, 1U);
    EXPECT_EQ(got->created, put.created);
    EXPECT_FALSE(this->catalog().layer(LayerId::random()));
    EXPECT_EQ(this->catalog().layers().size(), 1U);
}

TYPED_TEST_P(CatalogConformance, ALayersDepthIsWorkedOut) {
    const auto base = this->put_layer();
    const auto middle = this->put_layer(base);
    const auto top = this->put_layer(middle);
    EXPECT_EQ(this->depth(top), 3U);
    EXPECT_THAT(this->chain_ids(top), ::testing::ElementsAre(top, middle, base));
    EXPECT_THAT(this->chain_ids(base), ::testing::ElementsAre(base));
}

TYPED_TEST_P(CatalogConformance, ALayersBackingMustExist) {
    EXPECT_EQ(
        kind_of([&] { this->catalog().put_layer(this->make_layer(LayerId::random())); }),
        ErrorKind::not_found
    );
    EXPECT_EQ(
        kind_of([&] { (void)this->catalog().chain(LayerId::random()); }), ErrorKind::not_found
    );
}

TYPED_TEST_P(CatalogConformance, ALayerIsPutOnce) {
    const auto layer = this->make_layer();
    this->catalog().put_layer(layer);
    EXPECT_EQ(kind_of([&] { this->catalog().put_layer(layer); }), ErrorKind::conflict);
}

TYPED_TEST_P(CatalogConformance, RebaseMakesDepthsAboveTrue) {
    const auto a = this->put_layer();
    const auto b = this->put_layer(a);
    const auto c = this->put_layer(b);
    const auto d = this->put_layer(c);
    const auto e = this->put_layer(d);
    const auto beside = this->put_layer(b);
    this->catalog().rebase_layer(d, a);
    EXPECT_THAT(this->chain_ids(e), ::testing::ElementsAre(e, d, a));
    EXPECT_EQ(this->depth(d), 2U);
    EXPECT_EQ(this->depth(e), 3U);
    EXPECT_EQ(this->depth(c), 3U);
    EXPECT_EQ(this->depth(beside), 3U);
    this->catalog().rebase_layer(d, std::nullopt);
    EXPECT_EQ(this->depth(d), 1U);
    EXPECT_EQ(this->depth(e), 2U);
}

TYPED_TEST_P(CatalogConformance, RebaseRefusesACircleAndTheUnknown) {
    const auto a = this->put_layer();
    const auto b = this->put_layer(a);
    EXPECT_EQ(kind_of([&] { this->catalog().rebase_layer(a, b); }), ErrorKind::conflict);
    EXPECT_EQ(kind_of([&] { this->catalog().rebase_layer(a, a); }), ErrorKind::conflict);
    EXPECT_EQ(
        kind_of([&] { this->catalog().rebase_layer(b, LayerId::random()); }), ErrorKind::not_found
    );
    EXPECT_EQ(
        kind_of([&] { this->catalog().rebase_layer(LayerId::random(), a); }), ErrorKind::not_found
    );
    EXPECT_THAT(this->chain_ids(b), ::testing::ElementsAre(b, a));
}

TYPED_TEST_P(CatalogConformance, OnlyAFreeLayerIsRemoved) {
    const auto base = this->put_layer();
    const auto top = this->put_layer(base);
    const auto of_volume = this->put_layer();
    this->put_volume(of_volume);
    const auto of_snapshot = this->put_layer();
    this->catalog().put_snapshot(this->make_snapshot(of_snapshot));
    for (const auto& used : {base, of_volume, of_snapshot}) {
        EXPECT_EQ(kind_of([&] { this->catalog().remove_layer(used); }), ErrorKind::conflict);
        EXPECT_TRUE(this->catalog().layer(used));
    }
    this->catalog().remove_layer(top);
    this->catalog().remove_layer(base);
    this->catalog().remove_layer(base);
    EXPECT_FALSE(this->catalog().layer(base));
}

TYPED_TEST_P(CatalogConformance, UnusedLayersAreThoseThatNothingStandsOn) {
    const auto base = this->put_layer();
    const auto top = this->put_layer(base);
    const auto of_volume = this->put_layer();
    this->put_volume(of_volume);
    const auto of_snapshot = this->put_layer();
    this->catalog().put_snapshot(this->make_snapshot(of_snapshot));
    EXPECT_THAT(this->catalog().unused_layers(), ::testing::ElementsAre(top));
    this->catalog().remove_layer(top);
    EXPECT_THAT(this->catalog().unused_layers(), ::testing::ElementsAre(base));
}

TYPED_TEST_P(CatalogConformance, AVolumeIsReadBack) {
    const auto snapshot = this->put_snapshot();
    auto put = this->make_volume(this->put_layer());
    put.volume.snapshot = snapshot;
    put.volume.tags = {{"team", "web"}, {"note", ""}};
    this->catalog().put_volume(put);
    const auto got = this->catalog().volume(put.volume.id);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->layer, put.layer);
    EXPECT_EQ(got->volume.id, put.volume.id);
    EXPECT_EQ(got->volume.zone, "local-1a");
    EXPECT_EQ(got->volume.size, put.volume.size);
    EXPECT_EQ(got->volume.snapshot, snapshot);
    EXPECT_EQ(got->volume.state, VolumeState::available);
    EXPECT_EQ(got->volume.created, put.volume.created);
    EXPECT_EQ(got->volume.tags, put.volume.tags);
}

TYPED_TEST_P(CatalogConformance, AVolumesLayerAndSnapshotMustExist) {
    EXPECT_EQ(
        kind_of([&] { this->catalog().put_volume(this->make_volume(LayerId::random())); }),
        ErrorKind::not_found
    );
    auto volume = this->make_volume(std::nullopt);
    volume.volume.snapshot = SnapshotId::random();
    EXPECT_EQ(kind_of([&] { this->catalog().put_volume(volume); }), ErrorKind::not_found);
    EXPECT_TRUE(this->catalog().volumes().empty());
}

TYPED_TEST_P(CatalogConformance, AVolumesStateChangesWithoutItsLayer) {
    const auto layer = this->put_layer();
    const auto id = this->put_volume(layer);
    for (const auto state :
         {VolumeState::creating,
          VolumeState::in_use,
          VolumeState::deleting,
          VolumeState::available}) {
        this->catalog().update_volume(id, state);
        EXPECT_EQ(this->catalog().volume(id)->volume.state, state);
    }
    EXPECT_EQ(this->catalog().volume(id)->layer, layer);
}

TYPED_TEST_P(CatalogConformance, AVolumesNewLayerComesWithItsState) {
    const auto base = this->put_layer();
    const auto id = this->put_volume(base);
    const auto top = this->make_layer(base);
    this->catalog().update_volume(id, VolumeState::in_use, top);
    EXPECT_EQ(this->catalog().volume(id)->layer, top.id);
    EXPECT_EQ(this->depth(top.id), 2U);
}

TYPED_TEST_P(CatalogConformance, AFailedUpdateOfAVolumeLeavesNothing) {
    const auto id = this->put_volume(std::nullopt);
    const auto orphan = this->make_layer(LayerId::random());
    EXPECT_EQ(
        kind_of([&] { this->catalog().update_volume(id, VolumeState::in_use, orphan); }),
        ErrorKind::not_found
    );
    EXPECT_EQ(this->catalog().volume(id)->volume.state, VolumeState::available);
    const auto layer = this->make_layer();
    EXPECT_EQ(
        kind_of([&] {
            this->catalog().update_volume(VolumeId::random(), VolumeState::in_use, layer);
        }),
        ErrorKind::not_found
    );
    EXPECT_FALSE(this->catalog().layer(layer.id));
}

TYPED_TEST_P(CatalogConformance, ARemovedVolumeIsGoneAndAbsentIsSuccess) {
    const auto layer = this->put_layer();
    const auto id = this->put_volume(layer);
    const auto other = this->put_volume(std::nullopt);
    this->catalog().remove_volume(id);
    this->catalog().remove_volume(id);
    EXPECT_FALSE(this->catalog().volume(id));
    ASSERT_EQ(this->catalog().volumes().size(), 1U);
    EXPECT_EQ(this->catalog().volumes()[0].volume.id, other);
    EXPECT_THAT(this->catalog().unused_layers(), ::testing::ElementsAre(layer));
}

TYPED_TEST_P(CatalogConformance, ASnapshotIsReadBackAndItsLayerFrozen) {
    const auto layer = this->put_layer();
    auto put = this->make_snapshot(layer);
    put.snapshot.description = "root of web";
    put.snapshot.tags = {{"k", "v"}};
    put.snapshot.shared_with = {"222222222222", "111111111111"};
    this->catalog().put_snapshot(put);
    const auto got = this->catalog().snapshot(put.snapshot.id);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->layer, layer);
    EXPECT_EQ(got->snapshot.size, put.snapshot.size);
    EXPECT_EQ(got->snapshot.stored, put.snapshot.stored);
    EXPECT_EQ(got->snapshot.description, "root of web");
    EXPECT_EQ(got->snapshot.state, SnapshotState::completed);
    EXPECT_EQ(got->snapshot.created, put.snapshot.created);
    EXPECT_EQ(got->snapshot.tags, put.snapshot.tags);
    EXPECT_THAT(got->snapshot.shared_with, ::testing::ElementsAre("111111111111", "222222222222"));
    EXPECT_TRUE(this->catalog().layer(layer)->frozen);
    EXPECT_EQ(this->catalog().snapshots().size(), 1U);
}

TYPED_TEST_P(CatalogConformance, ASnapshotMovesItsVolumeToANewLayer) {
    const auto layer = this->put_layer();
    const auto volume = this->put_volume(layer);
    const auto top = this->make_layer(layer);
    this->catalog().put_snapshot(this->make_snapshot(layer), volume, top);
    EXPECT_EQ(this->catalog().volume(volume)->layer, top.id);
    EXPECT_TRUE(this->catalog().layer(layer)->frozen);
    EXPECT_FALSE(this->catalog().layer(top.id)->frozen);
    EXPECT_EQ(this->depth(top.id), 2U);
}

TYPED_TEST_P(CatalogConformance, AFailedSnapshotLeavesNothing) {
    const auto layer = this->put_layer();
    const auto record = this->make_snapshot(layer);
    const auto top = this->make_layer(layer);
    EXPECT_EQ(
        kind_of([&] { this->catalog().put_snapshot(record, VolumeId::random(), top); }),
        ErrorKind::not_found
    );
    EXPECT_FALSE(this->catalog().layer(layer)->frozen);
    EXPECT_FALSE(this->catalog().layer(top.id));
    EXPECT_FALSE(this->catalog().snapshot(record.snapshot.id));
    EXPECT_EQ(
        kind_of([&] { this->catalog().put_snapshot(this->make_snapshot(LayerId::random())); }),
        ErrorKind::not_found
    );
}

TYPED_TEST_P(CatalogConformance, ASnapshotUnderAnImageStays) {
    const auto image = this->put_image("web");
    EXPECT_EQ(
        kind_of([&] { this->catalog().remove_snapshot(image.root_snapshot); }), ErrorKind::conflict
    );
    EXPECT_TRUE(this->catalog().snapshot(image.root_snapshot));
    this->catalog().remove_image(image.id);
    this->catalog().remove_snapshot(image.root_snapshot);
    this->catalog().remove_snapshot(image.root_snapshot);
    EXPECT_FALSE(this->catalog().snapshot(image.root_snapshot));
}

TYPED_TEST_P(CatalogConformance, AVolumeOutlivesTheSnapshotItWasMadeFrom) {
    const auto snapshot = this->put_snapshot();
    auto volume = this->make_volume(std::nullopt);
    volume.volume.snapshot = snapshot;
    this->catalog().put_volume(volume);
    this->catalog().remove_snapshot(snapshot);
    EXPECT_EQ(this->catalog().volume(volume.volume.id)->volume.snapshot, snapshot);
}

REGISTER_TYPED_TEST_SUITE_P(
    CatalogConformance,
    ALayerIsReadBack,
    ALayersDepthIsWorkedOut,
    ALayersBackingMustExist,
    ALayerIsPutOnce,
    RebaseMakesDepthsAboveTrue,
    RebaseRefusesACircleAndTheUnknown,
    OnlyAFreeLayerIsRemoved,
    UnusedLayersAreThoseThatNothingStandsOn,
    AVolumeIsReadBack,
    AVolumesLayerAndSnapshotMustExist,
    AVolumesStateChangesWithoutItsLayer,
    AVolumesNewLayerComesWithItsState,
    AFailedUpdateOfAVolumeLeavesNothing,
    ARemovedVolumeIsGoneAndAbsentIsSuccess,
    ASnapshotIsReadBackAndItsLayerFrozen,
    ASnapshotMovesItsVolumeToANewLayer,
    AFailedSnapshotLeavesNothing,
    ASnapshotUnderAnImageStays,
    AVolumeOutlivesTheSnapshotItWasMadeFrom
);

}  // namespace kiln::ports::testing
