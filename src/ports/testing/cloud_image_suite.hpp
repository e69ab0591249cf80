#pragma once

#include "ports/testing/cloud_fixture.hpp"

namespace kiln::ports::testing {

/// Every rule of images, tags, and of what is in the ledger. What a driver has: CloudFixture.
template <class Driver>
class CloudImageConformance : public CloudFixture<Driver> {};

TYPED_TEST_SUITE_P(CloudImageConformance);

// Images

TYPED_TEST_P(CloudImageConformance, ImageIsDescribedAsItWasRegistered) {
    const auto snapshot = this->make_snapshot();
    auto spec = this->image_spec("web@main@42", snapshot.id);
    spec.description = "a web server";
    spec.tags = {{"team", "web"}};
    spec.shared_with = {"111122223333"};
    spec.parent = ImageId::random();
    spec.bake = BakeId::random();
    spec.bake_key = std::string(64, 'a');
    const auto made = this->cloud->images.register_image(spec);
    ImageFilter filter;
    filter.ids = {made.id};
    const auto found = this->cloud->images.describe(filter);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].name, spec.name);
    EXPECT_EQ(found[0].description, spec.description);
    EXPECT_EQ(found[0].architecture, "x86_64");
    EXPECT_EQ(found[0].state, ImageState::available);
    EXPECT_EQ(found[0].root_snapshot, snapshot.id);
    EXPECT_EQ(found[0].size, snapshot.size);
    EXPECT_EQ(found[0].tags, spec.tags);
    EXPECT_EQ(found[0].shared_with, spec.shared_with);
    EXPECT_EQ(found[0].parent, spec.parent);
    EXPECT_EQ(found[0].bake, spec.bake);
    EXPECT_EQ(found[0].bake_key, spec.bake_key);
    EXPECT_EQ(this->cloud->snapshots.describe({snapshot.id}).at(0).shared_with, spec.shared_with);
}

TYPED_TEST_P(CloudImageConformance, NewestImageIsFirst) {
    this->make_image("first");
    this->make_image("second");
    this->make_image("third");
    EXPECT_THAT(this->names({}), ::testing::ElementsAre("third", "second", "first"));
}

TYPED_TEST_P(CloudImageConformance, ImageNameIsTakenOnce) {
    const auto image = this->make_image("the name");
    const auto spec = this->image_spec("the name", image.root_snapshot);
    EXPECT_EQ(
        kind_of([&] { (void)this->cloud->images.register_image(spec); }), ErrorKind::conflict
    );
    this->cloud->images.deregister(image.id);
    (void)this->cloud->images.register_image(spec);
}

TYPED_TEST_P(CloudImageConformance, ImageOfAnUnknownSnapshotIsNotFound) {
    const auto spec = this->image_spec("the name", SnapshotId::random());
    EXPECT_EQ(
        kind_of([&] { (void)this->cloud->images.register_image(spec); }), ErrorKind::not_found
    );
}

TYPED_TEST_P(CloudImageConformance, BadImageIsInvalidAndNothingIsMade) {
    const auto snapshot = this->make_snapshot();
    auto good = this->image_spec("the name", snapshot.id);
    auto name = good, architecture = good, tags = good, accounts = good;
    name.name = "a#";
    architecture.architecture = "vax";
    tags.tags = {{"", "x"}};
    accounts.shared_with = {"12"};
    for (const auto& spec : {name, architecture, tags, accounts}) {
        EXPECT_EQ(
            kind_of([&] { (void)this->cloud->images.register_image(spec); }), ErrorKind::invalid
        );
    }
    EXPECT_THAT(this->names({}), ::testing::IsEmpty());
}

TYPED_TEST_P(CloudImageConformance, EachFilterSelects) {
    auto web = this->image_spec("web@1", this->make_snapshot().id);
    web.tags = {{"team", "web"}, {"stage", "prod"}};
    const auto first = this->cloud->images.register_image(web);
    this->driver->pass_time();
    auto mail = this->image_spec("mail@1", this->make_snapshot().id);
    mail.architecture = "arm64";
    mail.tags = {{"team", "mail"}};
    (void)this->cloud->images.register_image(mail);
    using ::testing::ElementsAre;
    using ::testing::IsEmpty;
    ImageFilter filter;
    filter.ids = {first.id};
    EXPECT_THAT(this->names(filter), ElementsAre("web@1"));
    filter = {};
    filter.names = {"web@?", "nothing"};
    EXPECT_THAT(this->names(filter), ElementsAre("web@1"));
    filter = {};
    filter.names = {"*@1"};
    EXPECT_THAT(this->names(filter), ElementsAre("mail@1", "web@1"));
    filter = {};
    filter.tags = {{"team", {"mail", "none"}}};
    EXPECT_THAT(this->names(filter), ElementsAre("mail@1"));
    filter = {};
    filter.tag_keys = {"stage"};
    EXPECT_THAT(this->names(filter), ElementsAre("web@1"));
    filter = {};
    filter.owners = {"self"};
    EXPECT_THAT(this->names(filter), ElementsAre("mail@1", "web@1"));
    filter.owners = {"999999999999"};
    EXPECT_THAT(this->names(filter), IsEmpty());
    filter = {};
    filter.architectures = {"arm64"};
    EXPECT_THAT(this->names(filter), ElementsAre("mail@1"));
    filter = {};
    filter.states = {"available"};
    EXPECT_THAT(this->names(filter), ElementsAre("mail@1", "web@1"));
    filter.states = {"failed"};
    EXPECT_THAT(this->names(filter), IsEmpty());
    filter = {};
    filter.names = {"web@1"};
    filter.architectures = {"arm64"};
    EXPECT_THAT(this->names(filter), IsEmpty()) << "all filters must hold";
}

TYPED_TEST_P(CloudImageConformance, AskingForAnUnknownImageIsNotFound) {
    const auto image = this->make_image("an image");
    ImageFilter filter;
    filter.ids = {image.id, ImageId::random()};
    EXPECT_EQ(kind_of([&] { (void)this->cloud->images.describe(filter); }), ErrorKind::not_found);
}

TYPED_TEST_P(CloudImageConformance, DeregisteredImageLeavesItsSnapshotAndIsIdempotent) {
    const auto image = this->make_image("an image");
    this->cloud->images.deregister(image.id);
    this->cloud->images.deregister(image.id);
    EXPECT_THAT(this->names({}), ::testing::IsEmpty());
    EXPECT_EQ(this->cloud->snapshots.describe({image.root_snapshot}).size(), 1U);
}

TYPED_TEST_P(CloudImageConformance, RenamedImageHasTheNewName) {
    const auto image = this->make_image("old name");
    this->make_image("taken");
    this->cloud->images.rename(image.id, "new name");
    EXPECT_THAT(this->names({}), ::testing::UnorderedElementsAre("taken", "new name"));
    EXPECT_EQ(kind_of([&] { this->cloud->images.rename(image.id, "taken"); }), ErrorKind::conflict);
    EXPECT_EQ(kind_of([&] { this->cloud->images.rename(image.id, "#"); }), ErrorKind::invalid);
    EXPECT_EQ(
        kind_of([&] { this->cloud->images.rename(ImageId::random(), "free name"); }),
        ErrorKind::not_found
    );
}

TYPED_TEST_P(CloudImageConformance, ImageAndSnapshotAreSharedTogether) {
    const auto image = this->make_image("an image");
    this->cloud->images.share(image.id, {"111111111111", "222222222222"}, {});
    this->cloud->images.share(image.id, {}, {"222222222222"});
    EXPECT_THAT(
        this->cloud->images.describe({}).at(0).shared_with, ::testing::ElementsAre("111111111111")
    );
    EXPECT_THAT(
        this->cloud->snapshots.describe({image.root_snapshot}).at(0).shared_with,
        ::testing::ElementsAre("111111111111")
    );
    EXPECT_EQ(
        kind_of([&] { this->cloud->images.share(ImageId::random(), {"111111111111"}, {}); }),
        ErrorKind::not_found
    );
}

// Tags

TYPED_TEST_P(CloudImageConformance, TagsAreSetReplacedAndUnset) {
    const auto image = this->make_image("an image");
    const auto volume = this->make_volume();
    for (const std::string& id : {image.id.str(), image.root_snapshot.str(), volume.id.str()}) {
        this->cloud->tags.set(id, {{"a", "1"}, {"b", "2"}});
        this->cloud->tags.set(id, {{"b", "3"}});
        this->cloud->tags.unset(id, {"a", "never was"});
    }
    const Tags expected{{"b", "3"}};
    EXPECT_EQ(this->cloud->images.describe({}).at(0).tags, expected);
    EXPECT_EQ(this->cloud->snapshots.describe({image.root_snapshot}).at(0).tags, expected);
    EXPECT_EQ(this->cloud->volumes.describe({volume.id}).at(0).tags, expected);
}

TYPED_TEST_P(CloudImageConformance, TagsBeyondTheLimitAreInvalidAlsoInSteps) {
    const auto volume = this->make_volume();
    Tags many;
    for (int i = 0; i < 50; ++i) {
        many["key" + std::to_string(i)] = "value";
    }
    this->cloud->tags.set(volume.id.str(), many);
    EXPECT_EQ(
        kind_of([&] {
            this->cloud->tags.set(volume.id.str(), {{"one more", ""}});
        }),
        ErrorKind::invalid
    );
    this->cloud->tags.set(volume.id.str(), {{"key0", "another value"}});
    EXPECT_EQ(
        kind_of([&] {
            this->cloud->tags.set(volume.id.str(), {{"key0", std::string(256, 'x')}});
        }),
        ErrorKind::invalid
    );
}

TYPED_TEST_P(CloudImageConformance, TagsOfAnUnknownResourceAreNotFound) {
    for (const auto& id :
         {VolumeId::random().str(), SnapshotId::random().str(), ImageId::random().str()}) {
        EXPECT_EQ(
            kind_of([&] {
                this->cloud->tags.set(id, {{"a", "b"}});
            }),
            ErrorKind::not_found
        ) << id;
        EXPECT_EQ(kind_of([&] { this->cloud->tags.unset(id, {"a"}); }), ErrorKind::not_found) << id;
    }
}

// Ledger

TYPED_TEST_P(CloudImageConformance, EveryResourceIsInTheLedgerBeforeItIsMade) {
    std::vector<std::string> early;
    this->driver->ledger().watch([&](const JobId& owner, const Resource& resource) {
        EXPECT_EQ(owner, this->job);
        const auto made = [&]() -> std::optional<bool> {
            ImageFilter filter;
            if (resource.kind == ResourceKind::volume) {
                return !kind_of([&] {
                    (void)this->cloud->volumes.describe({VolumeId::parse(resource.name)});
                });
            }
            if (resource.kind == ResourceKind::snapshot) {
                return !kind_of([&] {
                    (void)this->cloud->snapshots.describe({SnapshotId::parse(resource.name)});
                });
            }
            if (resource.kind == ResourceKind::image) {
                filter.ids = {ImageId::parse(resource.name)};
                return !kind_of([&] { (void)this->cloud->images.describe(filter); });
            }
            return std::nullopt;
        }();
        if (made) {
            EXPECT_FALSE(*made) << resource.name << " was made before it was written down";
            early.push_back(resource.name);
        }
    });
    const auto image = this->make_image("an image");
    this->driver->ledger().watch({});
    std::vector<std::string> written;
    for (const auto& entry : this->driver->ledger().entries()) {
        written.push_back(entry.resource.name);
    }
    EXPECT_THAT(written, ::testing::IsSupersetOf({image.id.str(), image.root_snapshot.str()}));
    EXPECT_THAT(early, ::testing::SizeIs(3)) << "volume, snapshot and image";
}

REGISTER_TYPED_TEST_SUITE_P(
    CloudImageConformance,
    ImageIsDescribedAsItWasRegistered,
    NewestImageIsFirst,
    ImageNameIsTakenOnce,
    ImageOfAnUnknownSnapshotIsNotFound,
    BadImageIsInvalidAndNothingIsMade,
    EachFilterSelects,
    AskingForAnUnknownImageIsNotFound,
    DeregisteredImageLeavesItsSnapshotAndIsIdempotent,
    RenamedImageHasTheNewName,
    ImageAndSnapshotAreSharedTogether,
    TagsAreSetReplacedAndUnset,
    TagsBeyondTheLimitAreInvalidAlsoInSteps,
    TagsOfAnUnknownResourceAreNotFound,
    EveryResourceIsInTheLedgerBeforeItIsMade
);

}  // namespace kiln::ports::testing
