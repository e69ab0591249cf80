#include "gc/collect.hpp"

#include "ports/testing/fake_clock.hpp"

#include <gmock/gmock.h>

namespace kiln::gc {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Images and snapshots in memory; writes down what was removed, in order.
class FakeImages final : public ports::Images {
  public:
    explicit FakeImages(std::vector<std::string>& log) : log_{log} {}

    ports::Image register_image(const ports::ImageSpec&) override { return {}; }

    std::vector<ports::Image> describe(const ports::ImageFilter&) override { return images; }

    void deregister(const ImageId& id) override { log_.push_back("image " + id.str()); }

    void share(const ImageId&, const std::vector<std::string>&, const std::vector<std::string>&)
        override {}

    void rename(const ImageId&, const std::string&) override {}

    std::vector<ports::Image> images;

  private:
    std::vector<std::string>& log_;
};

class FakeSnapshots final : public ports::Snapshots {
  public:
    explicit FakeSnapshots(std::vector<std::string>& log) : log_{log} {}

    ports::Snapshot create(const ports::SnapshotSpec&, Deadline) override { return {}; }

    std::vector<ports::Snapshot> describe(const std::vector<SnapshotId>& ids) override {
        std::vector<ports::Snapshot> found;
        for (const auto& id : ids) {
            ports::Snapshot snapshot;
            snapshot.id = id;
            snapshot.stored = Bytes{100};
            found.push_back(snapshot);
        }
        return found;
    }

    void remove(const SnapshotId& id, Deadline) override {
        if (id == stubborn) {
            throw Error{ErrorKind::conflict, "an image stands on it"};
        }
        log_.push_back("snapshot " + id.str());
    }

    void share(const SnapshotId&, const std::vector<std::string>&) override {}

    SnapshotId stubborn;

  private:
    std::vector<std::string>& log_;
};

class FakeBakes final : public ports::BakeStore {
  public:
    bool submit(const ports::BakeRecord&) override { return true; }

    Begun begin(const ports::BakeRecord& record, bool) override { return {record, true}; }

    void
    append(const BakeId&, std::int64_t, const std::vector<ports::BakeEvent>&, const std::optional<Ending>&)
        override {}

    void note(const BakeId&, const std::string&) override {}

    ports::BakeRecord get(const BakeId&) override { return {}; }

    std::vector<ports::BakeRecord> list(const ports::BakeFilter&) override { return records; }

    std::map<ports::BakeState, std::int64_t> count() override { return {}; }

    std::vector<ports::BakeEvent> events(const BakeId&, const ports::EventPlace&, std::size_t)
        override {
        return {};
    }

    std::size_t forget(const std::vector<BakeId>& ids) override {
        forgot = ids;
        return ids.size();
    }

    std::vector<ports::BakeRecord> records;
    std::vector<BakeId> forgot;
};

class FakeCheckpoints final : public ports::CheckpointStore {
  public:
    explicit FakeCheckpoints(std::vector<std::string>& log) : log_{log} {}

    bool put(const ports::Checkpoint&) override { return true; }

    std::optional<ports::Checkpoint> find_longest(const std::vector<std::string>&, TimePoint)
        override {
        return std::nullopt;
    }

    std::vector<ports::Checkpoint> list() override { return checkpoints; }

    void remove(const std::string& key) override { log_.push_back("checkpoint " + key); }

    std::vector<ports::Checkpoint> checkpoints;

  private:
    std::vector<std::string>& log_;
};

class FakeQueues final : public ports::QueueCensus, public ports::QueueAdmin {
  public:
    explicit FakeQueues(std::vector<std::string>& log) : log_{log} {}

    std::vector<ports::QueueUse> census() override { return all; }

    void create(const ports::QueueSpec&) override {}

    void destroy(const std::string& queue) override { log_.push_back("queue " + queue); }

    std::vector<std::string> list(const std::string&) override { return {}; }

    ports::QueueDepth depth(const std::string&) override { return {}; }

    void purge(const std::string&) override {}

    void redrive(const std::string&) override {}

    std::vector<ports::QueueUse> all;

  private:
    std::vector<std::string>& log_;
};

class Collect : public ::testing::Test {
  protected:
    Collect() {
        options.keep_reply_queues = std::chrono::days{2};
        options.keep_records = std::chrono::days{30};
        options.checkpoint_budget = Bytes{1000};
    }

    ports::Image& add_image(const std::string& name) {
        ports::Image image;
        image.id = ImageId::random();
        image.name = name;
        image.root_snapshot = SnapshotId::random();
        image.created =
            clock.now() - std::chrono::days{100} + std::chrono::seconds{images.images.size()};
        images.images.push_back(image);
        return images.images.back();
    }

    void add_checkpoint(const std::string& key, std::uint64_t stored) {
        ports::Checkpoint one;
        one.key = key;
        one.snapshot = SnapshotId::random();
        one.stored = Bytes{stored};
        checkpoints.checkpoints.push_back(one);
    }

    [[nodiscard]] World world() {
        World all{images, snapshots, bakes, checkpoints, clock};
        all.sweep = sweep;
        all.cached_volumes = cached_volumes;
        all.flatten = flatten;
        all.census = &queues;
        all.queues = &queues;
        return all;
    }

    std::vector<std::string> log;
    ports::testing::FakeClock clock;
    FakeImages images{log};
    FakeSnapshots snapshots{log};
    FakeBakes bakes;
    FakeCheckpoints checkpoints{log};
    FakeQueues queues{log};
    Chore sweep, cached_volumes, flatten;
    Options options;
};

TEST_F(Collect, AnImageGoesWithItsSnapshotRegistrationFirst) {
    const auto old = add_image("web@1");
    add_image("web@2");
    options.images.keep = 1;
    const auto report = collect(world(), options, {});
    EXPECT_THAT(log, ElementsAre("image " + old.id.str(), "snapshot " + old.root_snapshot.str()));
    EXPECT_EQ(report.freed(), Bytes{100});
    EXPECT_FALSE(report.failed());
}

TEST_F(Collect, ASnapshotThatAnotherImageIsRegisteredOnStays) {
    const auto old = add_image("web@1");
    add_image("web@2").root_snapshot = old.root_snapshot;
    options.images.keep = 1;
    (void)collect(world(), options, {});
    EXPECT_THAT(log, ElementsAre("image " + old.id.str()));
}

TEST_F(Collect, ADryRunReportsTheSameAndTouchesNothing) {
    add_image("web@1");
    add_image("web@2");
    add_checkpoint("a", 2000);
    ports::BakeRecord record;
    record.id = BakeId::random();
    record.state = ports::BakeState::failed;
    record.ended = clock.now() - std::chrono::days{31};
    bakes.records.push_back(record);
    options.images.keep = 1;
    options.dry_run = DryRun::yes;
    const auto dry = collect(world(), options, {});
    EXPECT_THAT(log, IsEmpty());
    EXPECT_THAT(bakes.forgot, IsEmpty());
    options.dry_run = DryRun::no;
    const auto done = collect(world(), options, {});
    EXPECT_EQ(to_json(dry, DryRun::yes).at("items"), to_json(done, DryRun::no).at("items"));
    EXPECT_EQ(done.items.size(), 3U);
    EXPECT_THAT(bakes.forgot, ElementsAre(record.id));
}

TEST_F(Collect, ACheckpointsRowGoesBeforeItsSnapshot) {
    add_checkpoint("a", 600);
    add_checkpoint("b", 600);
    (void)collect(world(), options, {});
    EXPECT_THAT(
        log, ElementsAre("checkpoint a", "snapshot " + checkpoints.checkpoints[0].snapshot.str())
    );
}

TEST_F(Collect, WhatCannotBeRemovedIsReportedAndTheRestIsTried) {
    const auto stubborn = add_image("web@1");
    const auto next = add_image("web@2");
    add_image("web@3");
    snapshots.stubborn = stubborn.root_snapshot;
    options.images.keep = 1;
    const auto report = collect(world(), options, {});
    EXPECT_TRUE(report.failed());
    ASSERT_EQ(report.items.size(), 2U);
    EXPECT_EQ(report.items[0].failed, "an image stands on it");
    EXPECT_FALSE(report.items[1].failed);
    EXPECT_EQ(report.freed(), Bytes{100}) << "what stayed frees nothing";
}

TEST_F(Collect, AChoreThatThrowsDoesNotKeepTheOthersFromRunning) {
    bool flattened = false;
    sweep = [](DryRun, const std::stop_token&) -> std::vector<Item> {
        throw Error{ErrorKind::unavailable, "no answer"};
    };
    flatten = [&](DryRun, const std::stop_token&) -> std::vector<Item> {
        flattened = true;
        return {};
    };
    const auto report = collect(world(), options, {});
    EXPECT_TRUE(flattened);
    ASSERT_EQ(report.items.size(), 1U);
    EXPECT_EQ(report.items[0].what, "leftover");
    EXPECT_EQ(report.items[0].failed, "no answer");
}

TEST_F(Collect, AReplyQueueThatNobodyUsesGoesWithItsReason) {
    const auto before = clock.now() - std::chrono::days{3};
    queues.all = {
        {"replies", before, before, 2, {{"kiln:reply", ""}}}, {"bakes", before, before, 0, {}}};
    options.dry_run = DryRun::yes;
    const auto said = collect(world(), options, {});
    ASSERT_EQ(said.items.size(), 1U);
    EXPECT_EQ(said.items[0].what, "reply queue");
    EXPECT_EQ(said.items[0].name, "replies");
    EXPECT_THAT(log, IsEmpty());
    options.dry_run = DryRun::no;
    (void)collect(world(), options, {});
    EXPECT_THAT(log, ElementsAre("queue replies"));
}

TEST_F(Collect, WhatNobodyWantsOfTheCacheIsReported) {
    cached_volumes = [](DryRun, const std::stop_token&) -> std::vector<Item> {
        return {{"cached volume", "vol-1", "hardly asked for", Bytes{100}, {}}};
    };
    const auto report = collect(world(), options, {});
    ASSERT_EQ(report.items.size(), 1U);
    EXPECT_EQ(report.freed(), Bytes{100});
}

TEST_F(Collect, StopsWhenAsked) {
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW((void)collect(world(), options, stop.get_token()), Error);
}

TEST_F(Collect, MaintenanceLeavesImagesAndRecordsAlone) {
    add_image("web@1");
    add_image("web@2");
    add_checkpoint("a", 2000);
    options.images.keep = 1;
    const auto report = maintain(world(), options, {});
    ASSERT_EQ(report.items.size(), 1U);
    EXPECT_EQ(report.items[0].what, "checkpoint");
}

}  // namespace
}  // namespace kiln::gc
