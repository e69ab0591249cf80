#include "base/testing/kind_of.hpp"
#include "os/mount.hpp"
#include "ports/testing/fake_clock.hpp"
#include "sqlite/bake_store.hpp"
#include "sqlite/ledger.hpp"
#include "sqlite/tests/home.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

namespace kiln::sqlite {
namespace {

/// A file system of 4 MiB, with a file on it that takes room and can be removed.
class FullDisk : public ::testing::Test {
  protected:
    void SetUp() override {
        if (geteuid() != 0) {
            GTEST_SKIP() << "needs root to mount a small file system";
        }
        static const bool once = [] {
            os::enter_private_mounts();
            return true;
        }();
        ASSERT_TRUE(once);
        mount_ = os::Mount::attach("tmpfs", folder_.path(), "tmpfs", 0, "size=4m,mode=0700");
    }

    [[nodiscard]] std::filesystem::path ballast() const { return folder_.path() / "ballast"; }

    void fill() const {
        std::ofstream file{ballast(), std::ios::binary};
        const std::string block(4096, 'x');
        while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
        }
    }

    [[nodiscard]] std::filesystem::path home() const { return folder_.path() / "home"; }

    Home folder_;
    os::Mount mount_;
    ports::testing::FakeClock clock_;
};

ports::BakeRecord bake(const std::string& key) {
    ports::BakeRecord record;
    record.id = BakeId::random();
    record.key = key;
    record.name = "web";
    return record;
}

TEST_F(FullDisk, AWriteIsExhaustedHalfOfItIsNotThereAndRoomHeals) {
    Store store{home()};
    SqliteLedger ledger{store, HolderId::random(), clock_};
    const auto job = JobId::random();
    ledger.intend(job, {{ports::ResourceKind::folder, "/before"}});
    fill();
    std::vector<ports::Resource> many;
    for (int i = 0; i < 10'000; ++i) {
        many.push_back(
            {ports::ResourceKind::folder, "/" + std::to_string(i) + std::string(100, 'x')}
        );
    }
    const auto error = error_of([&] { ledger.intend(job, many); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::exhausted);
    EXPECT_THAT(error->hint(), ::testing::HasSubstr("free disk space"));
    EXPECT_EQ(ledger.entries().size(), 1U);
    std::filesystem::remove(ballast());
    ledger.intend(job, {{ports::ResourceKind::folder, "/after"}});
    EXPECT_EQ(ledger.entries().size(), 2U);
    store.check();
}

TEST_F(FullDisk, EventsAndTheirEndingAreWrittenTogetherOrNot) {
    Store store{home()};
    SqliteBakeStore bakes{store};
    const auto record = bakes.begin(bake("key"), false).record;
    fill();
    std::vector<ports::BakeEvent> events;
    for (int i = 1; i <= 1'000; ++i) {
        events.push_back({.sequence = i, .category = "LOG", .message = std::string(4096, 'x')});
    }
    const ports::BakeStore::Ending ending{.state = ports::BakeState::succeeded};
    EXPECT_EQ(
        kind_of([&] { bakes.append(record.id, record.attempt, events, ending); }),
        ErrorKind::exhausted
    );
    EXPECT_EQ(bakes.get(record.id).state, ports::BakeState::running);
    EXPECT_TRUE(bakes.events(record.id, {}, 10).empty());
    std::filesystem::remove(ballast());
    bakes.append(record.id, record.attempt, {events.front()}, ending);
    EXPECT_EQ(bakes.get(record.id).state, ports::BakeState::succeeded);
}

TEST_F(FullDisk, OthersOfTheBatchAreToldToo) {
    Store store{home()};
    store.check();
    store.write([](Database& database) { database.run("INSERT INTO shares VALUES ('r', 'old')"); });
    fill();
    std::promise<void> entered;
    std::promise<void> released;
    auto hold = store.writer().submit([&](Database&) {
        entered.set_value();
        released.get_future().wait();
    });
    entered.get_future().wait();
    auto small = store.writer().submit([](Database& database) {
        database.run("INSERT INTO shares VALUES ('r', 'new')");
    });
    auto large = store.writer().submit([](Database& database) {
        for (int i = 0; i < 2'000; ++i) {
            database.run("INSERT INTO shares VALUES ($1, $2)", i, std::string(4096, 'x'));
        }
    });
    released.set_value();
    hold.get();
    EXPECT_EQ(kind_of([&] { large.get(); }), ErrorKind::exhausted);
    EXPECT_EQ(kind_of([&] { small.get(); }), ErrorKind::exhausted);
    const auto shares = store.read([](Database& database) {
        return database.number("SELECT COUNT(*) FROM shares");
    });
    EXPECT_EQ(shares, 1);
}

TEST_F(FullDisk, AStoreIsNotHalfMade) {
    std::filesystem::create_directory(home());
    fill();
    EXPECT_EQ(kind_of([&] { const Store store{home()}; }), ErrorKind::exhausted);
    std::filesystem::remove(ballast());
    Store store{home()};
    SqliteBakeStore bakes{store};
    EXPECT_TRUE(bakes.begin(bake("key"), false).inserted);
}

}  // namespace
}  // namespace kiln::sqlite
