#pragma once

#include "ports/testing/catalog_fixture.hpp"

namespace kiln::ports::testing {

/// Every rule of ports::Catalog about images, filters, tags and shares; see CatalogFixture.
template <class Driver>
class CatalogImageConformance : public CatalogFixture<Driver> {};

TYPED_TEST_SUITE_P(CatalogImageConformance);

TYPED_TEST_P(CatalogImageConformance, AnImageIsReadBack) {
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

TYPED_TEST_P(CatalogImageConformance, AnImagesNameIsItsOwn) {
    const auto first = this->put_image("web");
    const auto second = this->make_image("web", first.root_snapshot);
    EXPECT_EQ(kind_of([&] { this->catalog().put_image(second); }), ErrorKind::conflict);
    const auto other = this->put_image("db");
    EXPECT_EQ(kind_of([&] { this->catalog().rename_image(other.id, "web"); }), ErrorKind::conflict);
    EXPECT_THAT(this->names(), ::testing::ElementsAre("db", "web"));
}

TYPED_TEST_P(CatalogImageConformance, AnImagesSnapshotMustExist) {
    EXPECT_EQ(
        kind_of([&] { this->catalog().put_image(this->make_image("web", SnapshotId::random())); }),
        ErrorKind::not_found
    );
    EXPECT_TRUE(this->names().empty());
}

TYPED_TEST_P(CatalogImageConformance, AnImageIsRenamed) {
    const auto image = this->put_image("web");
    this->catalog().rename_image(image.id, "web2");
    this->catalog().rename_image(image.id, "web2");
    EXPECT_THAT(this->names(), ::testing::ElementsAre("web2"));
    EXPECT_EQ(
        kind_of([&] { this->catalog().rename_image(ImageId::random(), "x"); }), ErrorKind::not_found
    );
}

TYPED_TEST_P(CatalogImageConformance, ARemovedImageIsGoneAndItsNameFree) {
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

TYPED_TEST_P(CatalogImageConformance, NewestImageComesFirst) {
    this->put_image("one");
    this->put_image("two");
    this->put_image("three");
    EXPECT_THAT(this->names(), ::testing::ElementsAre("three", "two", "one"));
}

TYPED_TEST_P(CatalogImageConformance, EveryFilterIsApplied) {
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

TYPED_TEST_P(CatalogImageConformance, VeryManyAlternativesAreTaken) {
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

TYPED_TEST_P(CatalogImageConformance, TagsAreAddedReplacedAndRemoved) {
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

TYPED_TEST_P(CatalogImageConformance, TagsWantAResourceThatExists) {
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

TYPED_TEST_P(CatalogImageConformance, TheLimitOfTagsHoldsForAllTogether) {
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

TYPED_TEST_P(CatalogImageConformance, SharesAreAddedAndRemoved) {
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
    CatalogImageConformance,
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
