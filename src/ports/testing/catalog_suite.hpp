#pragma once

#include "ports/catalog.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/kind_of.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::ports::testing {

/// Every rule of ports::Catalog. A driver starts with an empty catalog and has
/// `static std::optional<std::string> unavailable()` and `Catalog& catalog()`.
template <class Driver>
class CatalogConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = Driver::unavailable()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
    }

    Catalog& catalog() { return driver->catalog(); }

    TimePoint tick() {
        clock.advance(std::chrono::seconds{1});
        return clock.now();
    }

    Layer make_layer(const std::optional<LayerId>& backing = std::nullopt) {
        Layer layer;
        layer.id = LayerId::random();
        layer.backing = backing;
        layer.virtual_size = Bytes{1U << 30U};
        layer.created = tick();
        return layer;
    }

    LayerId put_layer(const std::optional<LayerId>& backing = std::nullopt) {
        const auto layer = make_layer(backing);
        catalog().put_layer(layer);
        return layer.id;
    }

    VolumeRecord make_volume(const std::optional<LayerId>& layer) {
        VolumeRecord record;
        record.volume.id = VolumeId::random();
        record.volume.zone = "local-1a";
        record.volume.size = Bytes{1U << 30U};
        record.volume.state = VolumeState::available;
        record.volume.created = tick();
        record.layer = layer;
        return record;
    }

    VolumeId put_volume(const std::optional<LayerId>& layer) {
        const auto record = make_volume(layer);
        catalog().put_volume(record);
        return record.volume.id;
    }

    SnapshotRecord make_snapshot(const LayerId& layer) {
        SnapshotRecord record;
        record.snapshot.id = SnapshotId::random();
        record.snapshot.size = Bytes{1U << 30U};
        record.snapshot.stored = Bytes{4096};
        record.snapshot.state = SnapshotState::completed;
        record.snapshot.created = tick();
        record.layer = layer;
        return record;
    }

    SnapshotId put_snapshot() {
        const auto record = make_snapshot(put_layer());
        catalog().put_snapshot(record);
        return record.snapshot.id;
    }

    Image make_image(const std::string& name, const SnapshotId& root) {
        Image image;
        image.id = ImageId::random();
        image.name = name;
        image.architecture = "x86_64";
        image.owner = "self";
        image.state = ImageState::available;
        image.root_snapshot = root;
        image.size = Bytes{1U << 30U};
        image.created = tick();
        return image;
    }

    Image put_image(const std::string& name, const Tags& tags = {}) {
        auto image = make_image(name, put_snapshot());
        image.tags = tags;
        catalog().put_image(image);
        return image;
    }

    std::vector<std::string> names(const ImageFilter& filter = {}) {
        std::vector<std::string> found;
        for (const auto& image : catalog().images(filter)) {
            found.push_back(image.name);
        }
        return found;
    }

    Image only_image() {
        const auto all = catalog().images({});
        EXPECT_EQ(all.size(), 1U);
        return all.at(0);
    }

    std::vector<LayerId> chain_ids(const LayerId& top) {
        std::vector<LayerId> ids;
        for (const auto& layer : catalog().chain(top)) {
            ids.push_back(layer.id);
        }
        return ids;
    }

    std::size_t depth(const LayerId& id) { return catalog().layer(id)->depth; }

    std::optional<Driver> driver;
    FakeClock clock;
};

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

TYPED_TEST_P(CatalogConformance, AnImageIsReadBack) {
    auto put = this->make_image("web@main@42", this->put_snapshot());
    put.description = "the web";
    put.parent = ImageId::random();
    put.bake = BakeId::random();
    put.bake_key = std::string(64, 'a');
    put.tags = {{"team", "web"}};
    put.shared_with = {"222222222222", "111111111111"};
    this->catalog().put_image(put);
    const auto got = this->only_image();
    EXPECT_EQ(got.id, put.id);
    EXPECT_EQ(got.name, "web@main@42");
    EXPECT_EQ(got.description, "the web");
    EXPECT_EQ(got.architecture, "x86_64");
    EXPECT_EQ(got.owner, "self");
    EXPECT_EQ(got.state, ImageState::available);
    EXPECT_EQ(got.root_snapshot, put.root_snapshot);
    EXPECT_EQ(got.size, put.size);
    EXPECT_EQ(got.created, put.created);
    EXPECT_EQ(got.parent, put.parent);
    EXPECT_EQ(got.bake, put.bake);
    EXPECT_EQ(got.bake_key, put.bake_key);
    EXPECT_EQ(got.tags, put.tags);
    EXPECT_THAT(got.shared_with, ::testing::ElementsAre("111111111111", "222222222222"));
}

TYPED_TEST_P(CatalogConformance, AnImagesNameIsItsOwn) {
    const auto first = this->put_image("web");
    const auto second = this->make_image("web", first.root_snapshot);
    EXPECT_EQ(kind_of([&] { this->catalog().put_image(second); }), ErrorKind::conflict);
    const auto other = this->put_image("db");
    EXPECT_EQ(kind_of([&] { this->catalog().rename_image(other.id, "web"); }), ErrorKind::conflict);
    EXPECT_THAT(this->names(), ::testing::ElementsAre("db", "web"));
}

TYPED_TEST_P(CatalogConformance, AnImagesSnapshotMustExist) {
    EXPECT_EQ(
        kind_of([&] { this->catalog().put_image(this->make_image("web", SnapshotId::random())); }),
        ErrorKind::not_found
    );
    EXPECT_TRUE(this->names().empty());
}

TYPED_TEST_P(CatalogConformance, AnImageIsRenamed) {
    const auto image = this->put_image("web");
    this->catalog().rename_image(image.id, "web2");
    this->catalog().rename_image(image.id, "web2");
    EXPECT_THAT(this->names(), ::testing::ElementsAre("web2"));
    EXPECT_EQ(
        kind_of([&] { this->catalog().rename_image(ImageId::random(), "x"); }), ErrorKind::not_found
    );
}

TYPED_TEST_P(CatalogConformance, ARemovedImageIsGoneAndItsNameFree) {
    const auto image = this->put_image("web", {{"k", "v"}});
    this->catalog().remove_image(image.id);
    this->catalog().remove_image(image.id);
    EXPECT_TRUE(this->names().empty());
    EXPECT_TRUE(this->catalog().snapshot(image.root_snapshot));
    auto again = image;
    again.tags = {};
    this->catalog().put_image(again);
    EXPECT_TRUE(this->only_image().tags.empty());
}

TYPED_TEST_P(CatalogConformance, NewestImageComesFirst) {
    this->put_image("one");
    this->put_image("two");
    this->put_image("three");
    EXPECT_THAT(this->names(), ::testing::ElementsAre("three", "two", "one"));
}

TYPED_TEST_P(CatalogConformance, EveryFilterIsApplied) {
    const auto web = this->put_image("web@main@1", {{"team", "web"}, {"stage", "prod"}});
    const auto db = this->put_image("db_main", {{"team", "db"}});
    auto arm = this->make_image("arm%1", web.root_snapshot);
    arm.architecture = "arm64";
    arm.owner = "111122223333";
    arm.state = ImageState::pending;
    this->catalog().put_image(arm);
    using ::testing::ElementsAre;
    EXPECT_THAT(this->names({.ids = {db.id, web.id}}), ElementsAre("db_main", "web@main@1"));
    EXPECT_THAT(this->names({.ids = {ImageId::random()}}), ElementsAre());
    EXPECT_THAT(this->names({.names = {"db_main"}}), ElementsAre("db_main"));
    EXPECT_THAT(this->names({.names = {"DB_MAIN", "WEB*"}}), ElementsAre());
    EXPECT_THAT(this->names({.names = {"*main", "arm%?"}}), ElementsAre("arm%1", "db_main"));
    EXPECT_THAT(this->names({.names = {"web@m%"}}), ElementsAre());
    EXPECT_THAT(this->names({.names = {"db?main\\*"}}), ElementsAre());
    EXPECT_THAT(this->names({.tags = {{"team", {"web", "ops"}}}}), ElementsAre("web@main@1"));
    EXPECT_THAT(this->names({.tags = {{"team", {"?b"}}}}), ElementsAre("db_main"));
    EXPECT_THAT(this->names({.tags = {{"team", {}}}}), ElementsAre());
    EXPECT_THAT(
        this->names({.tags = {{"team", {"*"}}, {"stage", {"prod"}}}}), ElementsAre("web@main@1")
    );
    EXPECT_THAT(this->names({.tag_keys = {"sta*"}}), ElementsAre("web@main@1"));
    EXPECT_THAT(this->names({.owners = {"111122223333"}}), ElementsAre("arm%1"));
    EXPECT_THAT(this->names({.architectures = {"arm64"}}), ElementsAre("arm%1"));
    EXPECT_THAT(this->names({.states = {"pending"}}), ElementsAre("arm%1"));
    EXPECT_THAT(this->names({.names = {"*main*"}, .states = {"pending"}}), ElementsAre());
}

TYPED_TEST_P(CatalogConformance, VeryManyAlternativesAreTaken) {
    this->put_image("web");
    this->put_image("db");
    std::vector<std::string> names{"web"};
    std::vector<ImageId> ids;
    for (int i = 0; i < 3'000; ++i) {
        names.push_back("none" + std::to_string(i) + "*");
        ids.push_back(ImageId::random());
    }
    EXPECT_THAT(this->names({.names = names}), ::testing::ElementsAre("web"));
    EXPECT_TRUE(this->names({.ids = ids}).empty());
}

TYPED_TEST_P(CatalogConformance, TagsAreAddedReplacedAndRemoved) {
    const auto image = this->put_image("web", {{"a", "1"}, {"b", "2"}});
    this->catalog().set_tags(image.id.str(), {{"b", "3"}, {"c", "4"}});
    this->catalog().unset_tags(image.id.str(), {"a", "never"});
    EXPECT_EQ(this->only_image().tags, (Tags{{"b", "3"}, {"c", "4"}}));
    this->catalog().set_tags(image.root_snapshot.str(), {{"s", "1"}});
    EXPECT_EQ(this->catalog().snapshot(image.root_snapshot)->snapshot.tags, (Tags{{"s", "1"}}));
    const auto volume = this->put_volume(std::nullopt);
    this->catalog().set_tags(volume.str(), {{"v", "1"}});
    EXPECT_EQ(this->catalog().volume(volume)->volume.tags, (Tags{{"v", "1"}}));
}

TYPED_TEST_P(CatalogConformance, TagsWantAResourceThatExists) {
    for (const std::string& resource :
         {ImageId::random().str(),
          SnapshotId::random().str(),
          VolumeId::random().str(),
          LayerId::random().str(),
          std::string{"nonsense"}}) {
        EXPECT_EQ(
            kind_of([&] {
                this->catalog().set_tags(resource, {{"k", "v"}});
            }),
            ErrorKind::not_found
        );
        EXPECT_EQ(
            kind_of([&] { this->catalog().unset_tags(resource, {"k"}); }), ErrorKind::not_found
        );
        EXPECT_EQ(
            kind_of([&] { this->catalog().share(resource, {"111122223333"}, {}); }),
            ErrorKind::not_found
        );
    }
}

TYPED_TEST_P(CatalogConformance, TheLimitOfTagsHoldsForAllTogether) {
    Tags fifty;
    for (int i = 0; i < 50; ++i) {
        fifty["k" + std::to_string(i)] = "v";
    }
    const auto image = this->put_image("web", fifty);
    EXPECT_EQ(
        kind_of([&] {
            this->catalog().set_tags(image.id.str(), {{"one more", "v"}});
        }),
        ErrorKind::invalid
    );
    EXPECT_EQ(this->only_image().tags, fifty);
}

TYPED_TEST_P(CatalogConformance, SharesAreAddedAndRemoved) {
    const auto image = this->put_image("web");
    this->catalog().share(image.id.str(), {"3", "1", "2"}, {});
    this->catalog().share(image.id.str(), {"1"}, {"2", "9"});
    EXPECT_THAT(this->only_image().shared_with, ::testing::ElementsAre("1", "3"));
    this->catalog().share(image.root_snapshot.str(), {"5"}, {});
    EXPECT_THAT(
        this->catalog().snapshot(image.root_snapshot)->snapshot.shared_with,
        ::testing::ElementsAre("5")
    );
    const auto volume = this->put_volume(std::nullopt);
    EXPECT_EQ(kind_of([&] { this->catalog().share(volume.str(), {"1"}, {}); }), ErrorKind::invalid);
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
    AVolumeOutlivesTheSnapshotItWasMadeFrom,
    AnImageIsReadBack,
    AnImagesNameIsItsOwn,
    AnImagesSnapshotMustExist,
    AnImageIsRenamed,
    ARemovedImageIsGoneAndItsNameFree,
    NewestImageComesFirst,
    EveryFilterIsApplied,
    VeryManyAlternativesAreTaken,
    TagsAreAddedReplacedAndRemoved,
    TagsWantAResourceThatExists,
    TheLimitOfTagsHoldsForAllTogether,
    SharesAreAddedAndRemoved
);

}  // namespace kiln::ports::testing
