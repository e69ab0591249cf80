#pragma once

#include "base/error.hpp"
#include "os/fd.hpp"
#include "ports/cloud.hpp"
#include "ports/testing/kind_of.hpp"
#include "ports/testing/watched_ledger.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::ports::testing {

/// Every rule of ports::Cloud. A driver starts with nothing of its own in the cloud and has
/// `static std::optional<std::string> unavailable()`, `Cloud cloud()`, `WatchedLedger& ledger()`
/// (the one the cloud writes to), `std::filesystem::path work_folder()`, `void pass_time()` (the
/// next thing made is newer), and `Bytes unit()` (the smallest size of a volume).
template <class Driver>
class CloudConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = Driver::unavailable()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
        cloud.emplace(driver->cloud());
    }

    static Deadline soon() { return Deadline::after(std::chrono::minutes{2}); }

    Volume make_volume(std::optional<SnapshotId> snapshot = {}, std::optional<Bytes> size = {}) {
        VolumeSpec spec;
        spec.owner = job;
        spec.snapshot = snapshot;
        spec.size = !snapshot && !size ? driver->unit() : size;
        return cloud->volumes.create(spec, soon());
    }

    std::unique_ptr<AttachedVolume> attach(const VolumeId& id, bool read_only = false) {
        return cloud->attachments.attach({job, id, driver->work_folder(), read_only}, soon());
    }

    Snapshot freeze(const VolumeId& id, std::string description = "") {
        return cloud->snapshots.create({job, id, std::move(description), {}}, soon());
    }

    Snapshot make_snapshot() { return freeze(make_volume().id); }

    ImageSpec image_spec(const std::string& name, const SnapshotId& root) {
        ImageSpec spec;
        spec.owner = job;
        spec.name = name;
        spec.architecture = "x86_64";
        spec.root_snapshot = root;
        return spec;
    }

    Image make_image(const std::string& name) {
        driver->pass_time();
        return cloud->images.register_image(image_spec(name, make_snapshot().id));
    }

    std::vector<std::string> names(const ImageFilter& filter) {
        std::vector<std::string> found;
        for (const auto& image : cloud->images.describe(filter)) {
            found.push_back(image.name);
        }
        return found;
    }

    static void write(const AttachedVolume& volume, Bytes offset, const std::string& text) {
        const os::Fd fd = os::open_file(volume.device(), O_RDWR);
        const auto n =
            ::pwrite(fd.get(), text.data(), text.size(), static_cast<off_t>(offset.count));
        ASSERT_EQ(n, static_cast<ssize_t>(text.size()));
        ASSERT_EQ(::fsync(fd.get()), 0);
    }

    static std::string read(const AttachedVolume& volume, Bytes offset, std::size_t length) {
        const os::Fd fd = os::open_file(volume.device(), O_RDONLY);
        std::string text(length, '?');
        const auto n = ::pread(fd.get(), text.data(), length, static_cast<off_t>(offset.count));
        text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
        return text;
    }

    static Bytes size_of(const AttachedVolume& volume) {
        const os::Fd fd = os::open_file(volume.device(), O_RDONLY);
        return Bytes{static_cast<std::uint64_t>(::lseek(fd.get(), 0, SEEK_END))};
    }

    VolumeState state_of(const VolumeId& id) { return cloud->volumes.describe({id}).at(0).state; }

    std::optional<Driver> driver;
    std::optional<Cloud> cloud;
    const JobId job = JobId::random();
};

TYPED_TEST_SUITE_P(CloudConformance);

// Volumes

TYPED_TEST_P(CloudConformance, EmptyVolumeReadsAsZerosAndKeepsWhatIsWritten) {
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

TYPED_TEST_P(CloudConformance, VolumeIsDescribedAsItWasMade) {
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

TYPED_TEST_P(CloudConformance, AllVolumesAreDescribedWithoutIds) {
    const auto one = this->make_volume();
    const auto two = this->make_volume();
    std::vector<VolumeId> ids;
    for (const auto& volume : this->cloud->volumes.describe({})) {
        ids.push_back(volume.id);
    }
    EXPECT_THAT(ids, ::testing::UnorderedElementsAre(one.id, two.id));
}

TYPED_TEST_P(CloudConformance, EmptyVolumeNeedsASize) {
    VolumeSpec spec;
    spec.owner = this->job;
    EXPECT_EQ(
        kind_of([&] { (void)this->cloud->volumes.create(spec, this->soon()); }), ErrorKind::invalid
    );
}

TYPED_TEST_P(CloudConformance, VolumeOfAnUnknownZoneOrWithBadTagsIsInvalid) {
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

TYPED_TEST_P(CloudConformance, VolumeOfAnUnknownSnapshotIsNotFound) {
    EXPECT_EQ(
        kind_of([&] { (void)this->make_volume(SnapshotId::random()); }), ErrorKind::not_found
    );
}

TYPED_TEST_P(CloudConformance, VolumeSmallerThanItsSnapshotIsInvalid) {
    const auto big = this->make_volume(std::nullopt, this->driver->unit() * 2);
    const auto snapshot = this->freeze(big.id);
    EXPECT_EQ(
        kind_of([&] { (void)this->make_volume(snapshot.id, this->driver->unit()); }),
        ErrorKind::invalid
    );
}

TYPED_TEST_P(CloudConformance, VolumeLargerThanItsSnapshotHasItsDataAndZerosBehind) {
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

TYPED_TEST_P(CloudConformance, RemovedVolumeIsGoneAndRemovalIsIdempotent) {
    const auto volume = this->make_volume();
    this->cloud->volumes.remove(volume.id, this->soon());
    EXPECT_EQ(
        kind_of([&] { (void)this->cloud->volumes.describe({volume.id}); }), ErrorKind::not_found
    );
    this->cloud->volumes.remove(volume.id, this->soon());
    this->cloud->volumes.remove(VolumeId::random(), this->soon());
}

// Attachments

TYPED_TEST_P(CloudConformance, AttachedVolumeIsInUseAndThenAvailable) {
    const auto volume = this->make_volume();
    auto attached = this->attach(volume.id);
    EXPECT_EQ(this->state_of(volume.id), VolumeState::in_use);
    EXPECT_FALSE(attached->failure().has_value());
    attached->detach();
    EXPECT_EQ(this->state_of(volume.id), VolumeState::available);
}

TYPED_TEST_P(CloudConformance, VolumeIsDetachedAtTheEndOfTheObject) {
    const auto volume = this->make_volume();
    auto attached = this->attach(volume.id);
    attached.reset();
    EXPECT_EQ(this->state_of(volume.id), VolumeState::available);
    this->attach(volume.id)->detach();
}

TYPED_TEST_P(CloudConformance, AttachedVolumeIsNeitherAttachedAgainNorRemoved) {
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

TYPED_TEST_P(CloudConformance, AttachingAnUnknownVolumeIsNotFound) {
    EXPECT_EQ(kind_of([&] { (void)this->attach(VolumeId::random()); }), ErrorKind::not_found);
}

TYPED_TEST_P(CloudConformance, ReadOnlyAttachmentCannotBeWritten) {
    const auto volume = this->make_volume(this->make_snapshot().id);
    auto attached = this->attach(volume.id, true);
    EXPECT_EQ(this->size_of(*attached), volume.size);
    bool written = false;
    try {
        const os::Fd fd = os::open_file(attached->device(), O_RDWR);
        written = ::pwrite(fd.get(), "x", 1, 0) == 1 && ::fsync(fd.get()) == 0;
    } catch (const Error&) {
        written = false;
    }
    EXPECT_FALSE(written);
    attached->detach();
}

// Snapshots

TYPED_TEST_P(CloudConformance, SnapshotOfADetachedVolumeHasItsData) {
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

TYPED_TEST_P(CloudConformance, SnapshotOfAnAttachedVolumeHasNothingWrittenLater) {
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

TYPED_TEST_P(CloudConformance, VolumesOfOneSnapshotDoNotSeeEachOther) {
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

TYPED_TEST_P(CloudConformance, SnapshotOutlivesItsVolume) {
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

TYPED_TEST_P(CloudConformance, VolumeOutlivesItsSnapshot) {
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

TYPED_TEST_P(CloudConformance, SnapshotOfAnUnknownVolumeIsNotFound) {
    EXPECT_EQ(kind_of([&] { (void)this->freeze(VolumeId::random()); }), ErrorKind::not_found);
    EXPECT_EQ(
        kind_of([&] { (void)this->cloud->snapshots.describe({SnapshotId::random()}); }),
        ErrorKind::not_found
    );
}

TYPED_TEST_P(CloudConformance, RemovedSnapshotIsGoneAndRemovalIsIdempotent) {
    const auto snapshot = this->make_snapshot();
    this->cloud->snapshots.remove(snapshot.id, this->soon());
    EXPECT_THAT(this->cloud->snapshots.describe({}), ::testing::IsEmpty());
    this->cloud->snapshots.remove(snapshot.id, this->soon());
    this->cloud->snapshots.remove(SnapshotId::random(), this->soon());
}

TYPED_TEST_P(CloudConformance, SnapshotOfAnImageCannotBeRemoved) {
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

TYPED_TEST_P(CloudConformance, SharedSnapshotNamesItsAccounts) {
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

// Images

TYPED_TEST_P(CloudConformance, ImageIsDescribedAsItWasRegistered) {
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

TYPED_TEST_P(CloudConformance, NewestImageIsFirst) {
    this->make_image("first");
    this->make_image("second");
    this->make_image("third");
    EXPECT_THAT(this->names({}), ::testing::ElementsAre("third", "second", "first"));
}

TYPED_TEST_P(CloudConformance, ImageNameIsTakenOnce) {
    const auto image = this->make_image("the name");
    const auto spec = this->image_spec("the name", image.root_snapshot);
    EXPECT_EQ(
        kind_of([&] { (void)this->cloud->images.register_image(spec); }), ErrorKind::conflict
    );
    this->cloud->images.deregister(image.id);
    (void)this->cloud->images.register_image(spec);
}

TYPED_TEST_P(CloudConformance, ImageOfAnUnknownSnapshotIsNotFound) {
    const auto spec = this->image_spec("the name", SnapshotId::random());
    EXPECT_EQ(
        kind_of([&] { (void)this->cloud->images.register_image(spec); }), ErrorKind::not_found
    );
}

TYPED_TEST_P(CloudConformance, BadImageIsInvalidAndNothingIsMade) {
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

TYPED_TEST_P(CloudConformance, EachFilterSelects) {
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

TYPED_TEST_P(CloudConformance, AskingForAnUnknownImageIsNotFound) {
    const auto image = this->make_image("an image");
    ImageFilter filter;
    filter.ids = {image.id, ImageId::random()};
    EXPECT_EQ(kind_of([&] { (void)this->cloud->images.describe(filter); }), ErrorKind::not_found);
}

TYPED_TEST_P(CloudConformance, DeregisteredImageLeavesItsSnapshotAndIsIdempotent) {
    const auto image = this->make_image("an image");
    this->cloud->images.deregister(image.id);
    this->cloud->images.deregister(image.id);
    EXPECT_THAT(this->names({}), ::testing::IsEmpty());
    EXPECT_EQ(this->cloud->snapshots.describe({image.root_snapshot}).size(), 1U);
}

TYPED_TEST_P(CloudConformance, RenamedImageHasTheNewName) {
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

TYPED_TEST_P(CloudConformance, ImageAndSnapshotAreSharedTogether) {
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

TYPED_TEST_P(CloudConformance, TagsAreSetReplacedAndUnset) {
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

TYPED_TEST_P(CloudConformance, TagsBeyondTheLimitAreInvalidAlsoInSteps) {
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

TYPED_TEST_P(CloudConformance, TagsOfAnUnknownResourceAreNotFound) {
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

TYPED_TEST_P(CloudConformance, EveryResourceIsInTheLedgerBeforeItIsMade) {
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
    CloudConformance,
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
    SharedSnapshotNamesItsAccounts,
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
