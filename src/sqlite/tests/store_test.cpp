#include "sqlite/store.hpp"

#include "base/deadline.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/kind_of.hpp"
#include "sqlite/bake_store.hpp"
#include "sqlite/ledger.hpp"
#include "sqlite/tests/children.hpp"
#include "sqlite/tests/home.hpp"

#include <csignal>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kiln::sqlite {
namespace {

using ports::testing::kind_of;

std::vector<ports::Resource> folder(const std::string& name) {
    return {{ports::ResourceKind::folder, name}};
}

TEST(StoreFile, TheHomeIsMadeForItsOwnerAlone) {
    const Home home;
    const auto folder = home.path() / "a" / "b";
    const Store store{folder};
    EXPECT_EQ(std::filesystem::status(folder).permissions(), std::filesystem::perms::owner_all);
    EXPECT_TRUE(std::filesystem::exists(folder / "kiln.db"));
}

TEST(StoreFile, AHomeThatCannotBeMadeIsNamed) {
    try {
        const Store store{"/proc/no/home"};
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_THAT(error.message(), ::testing::HasSubstr("/proc/no/home"));
    }
}

TEST(StoreFile, OpeningAnUpToDateStoreWritesNothing) {
    const Home home;
    { const Store store{home.path()}; }
    const auto log = home.file().string() + "-wal";
    const auto bytes = os::read_file(home.file());
    const auto log_bytes = os::read_file(log);
    { const Store store{home.path()}; }
    EXPECT_EQ(os::read_file(home.file()), bytes);
    EXPECT_EQ(os::read_file(log), log_bytes);
}

TEST(StoreFile, DamageIsFoundAfterAnUncleanEndOnly) {
    const Home home;
    ports::testing::FakeClock clock;
    {
        Store store{home.path()};
        SqliteLedger ledger{store, HolderId::random(), clock};
        for (int i = 0; i < 200; ++i) {
            ledger.intend(JobId::random(), folder("/some/longer/path/" + std::to_string(i)));
        }
    }
    {
        auto database = Database::open(home.file(), Use::writing);
        checkpoint(database);
    }
    std::filesystem::remove(home.file().string() + "-wal");
    {
        const auto file = os::open_file(home.file(), O_RDWR);
        const auto size = static_cast<off_t>(std::filesystem::file_size(home.file()));
        const std::string junk(2048, '\x5a');
        ASSERT_EQ(pwrite(file.get(), junk.data(), junk.size(), size - 4096), 2048);
    }
    EXPECT_EQ(kind_of([&] { const Store store{home.path()}; }), std::nullopt);
    EXPECT_EQ(
        kind_of([&] { const Store store(home.path(), LastEnd::unclean); }), ErrorKind::corrupt
    );
}

TEST(StoreFile, AWholeStorePassesTheCheckAfterAnUncleanEnd) {
    const Home home;
    { const Store store{home.path()}; }
    EXPECT_EQ(kind_of([&] { const Store store(home.path(), LastEnd::unclean); }), std::nullopt);
}

TEST(StoreReads, SeeOneStateThroughout) {
    const Home home;
    ports::testing::FakeClock clock;
    Store store{home.path()};
    SqliteLedger ledger{store, HolderId::random(), clock};
    const auto count = [](Database& database) {
        return database.number("SELECT COUNT(*) FROM ledger");
    };
    store.read([&](Database& database) {
        EXPECT_EQ(count(database), 0);
        ledger.intend(JobId::random(), folder("/a"));
        EXPECT_EQ(count(database), 0);
    });
    EXPECT_EQ(store.read(count), 1);
}

TEST(StoreReads, MayBeNested) {
    const Home home;
    Store store{home.path()};
    const auto total = store.read([&](Database& outer) {
        return outer.number("SELECT 1") +
               store.read([](Database& inner) { return inner.number("SELECT 2"); });
    });
    EXPECT_EQ(total, 3);
}

TEST(StoreReads, NeverStartTheWriter) {
    const Home home;
    { const Store store{home.path()}; }
    Store store{home.path()};
    SqliteBakeStore bakes{store};
    EXPECT_TRUE(bakes.list({}).empty());
    EXPECT_EQ(
        std::distance(
            std::filesystem::directory_iterator{"/proc/self/task"},
            std::filesystem::directory_iterator{}
        ),
        1
    );
}

/// Replaces one row of 64 KiB: 17 pages of the log.
void write_a_lot(Store& store, std::size_t bytes = 64U << 10U) {
    store.write([&](Database& database) {
        database.run(
            "INSERT INTO tags (resource, key, value) VALUES ('r', 'k', $1) "
            "ON CONFLICT (resource, key) DO UPDATE SET value = excluded.value",
            std::string(bytes, 'x')
        );
    });
}

constexpr std::size_t kLogBytes = kCheckpointPages * (4096 + 24);

TEST(StoreLog, StaysShortUnderSteadyWriting) {
    // On a disk: there the copying thread never catches up with a writer that does not pause.
    const Home home{std::filesystem::temp_directory_path()};
    const auto log = home.file().string() + "-wal";
    Store store{home.path()};
    for (int i = 0; i < 600; ++i) {
        write_a_lot(store, 256U << 10U);
    }
    // 150 MiB were written; without the writer's own share the log would hold them all.
    EXPECT_LT(std::filesystem::file_size(log), 2 * kMostCheckpointPages * (4096 + 24));
}

TEST(StoreLog, IsLongerOnlyWhileItGrowsFasterThanItIsCopied) {
    const auto shortest = kCheckpointPages;
    EXPECT_EQ(next_log_length(shortest, 0), shortest);
    EXPECT_EQ(next_log_length(shortest, shortest / 2), shortest);
    EXPECT_EQ(next_log_length(shortest, shortest / 2 + 1), 2 * shortest);
    EXPECT_EQ(next_log_length(2 * shortest, shortest / 2), 2 * shortest);
    EXPECT_EQ(next_log_length(2 * shortest, 1), shortest);
    EXPECT_EQ(next_log_length(kMostCheckpointPages, kMostCheckpointPages), kMostCheckpointPages);
}

TEST(StoreLog, StaysShortWhenEveryProcessWritesOnce) {
    const Home home;
    const auto log = home.file().string() + "-wal";
    for (int i = 0; i < 200; ++i) {
        Store store{home.path()};
        write_a_lot(store);
    }
    EXPECT_LT(std::filesystem::file_size(log), 2 * kLogBytes);
}

TEST(StoreLog, OfANewStoreHasItsRoomAlready) {
    const Home home;
    const auto log = home.file().string() + "-wal";
    Store store{home.path()};
    const auto size = std::filesystem::file_size(log);
    EXPECT_GE(size, kLogBytes);
    write_a_lot(store);
    EXPECT_EQ(std::filesystem::file_size(log), size);
}

TEST(StoreLog, StartedOverKeepsEverything) {
    const Home home;
    ports::testing::FakeClock clock;
    const auto job = JobId::random();
    {
        Store store{home.path()};
        SqliteLedger ledger{store, HolderId::random(), clock};
        ledger.intend(job, folder("/a"));
        auto other = Database::open(home.file(), Use::writing);
        EXPECT_EQ(restart_log(other), Copied::whole);
        ledger.intend(job, folder("/b"));
    }
    Store store(home.path(), LastEnd::unclean);
    SqliteLedger ledger{store, HolderId::random(), clock};
    EXPECT_EQ(ledger.entries().size(), 2U);
}

TEST(StoreLog, IsNotStartedOverUnderAReader) {
    const Home home;
    Store store{home.path()};
    write_a_lot(store);
    store.read([&](Database& reader) {
        const auto before = reader.number("SELECT COUNT(*) FROM tags");
        store.write([](Database& database) { database.run("DELETE FROM tags"); });
        auto other = Database::open(home.file(), Use::writing);
        EXPECT_EQ(restart_log(other), Copied::partly);
        EXPECT_EQ(reader.number("SELECT COUNT(*) FROM tags"), before);
    });
}

TEST(StoreProcesses, ManyWriteAtOnceWithoutFailure) {
    constexpr int kProcesses = 32;
    constexpr int kWrites = 10;
    const Home home;
    { const Store store{home.path()}; }
    Children children;
    for (int i = 0; i < kProcesses; ++i) {
        children.fork([&] {
            const ports::SystemClock clock;
            Store store{home.path()};
            SqliteLedger ledger{store, HolderId::random(), clock};
            for (int n = 0; n < kWrites; ++n) {
                ledger.intend(JobId::random(), folder("/" + std::to_string(n)));
            }
            return 0;
        });
    }
    EXPECT_EQ(children.start_and_wait(), std::vector<int>(kProcesses, 0));
    const ports::SystemClock clock;
    Store store{home.path()};
    SqliteLedger ledger{store, HolderId::random(), clock};
    EXPECT_EQ(ledger.entries().size(), static_cast<std::size_t>(kProcesses * kWrites));
}

TEST(StoreProcesses, OfManyThatBeginTheSameBakeOneInserts) {
    constexpr int kProcesses = 16;
    const Home home;
    { const Store store{home.path()}; }
    Children children;
    for (int i = 0; i < kProcesses; ++i) {
        children.fork([&] {
            Store store{home.path()};
            SqliteBakeStore bakes{store};
            ports::BakeRecord record;
            record.id = BakeId::random();
            record.key = "the same";
            record.name = "web";
            return bakes.begin(record, false).inserted ? 1 : 0;
        });
    }
    const auto inserted = children.start_and_wait();
    EXPECT_EQ(std::count(inserted.begin(), inserted.end(), 1), 1);
    EXPECT_EQ(std::count(inserted.begin(), inserted.end(), 0), kProcesses - 1);
}

/// A child that writes to the store without end and tells each write that was acknowledged.
class EndlessWriter {
  public:
    EndlessWriter(const std::filesystem::path& home, int round) {
        std::array<int, 2> ends{};
        KILN_CHECK(pipe2(ends.data(), O_CLOEXEC) == 0);
        told_ = os::Fd{ends[0]};
        os::Fd tell{ends[1]};
        pid_ = fork();
        KILN_CHECK(pid_ >= 0);
        if (pid_ == 0) {
            write_for_ever(home, round, tell.get());
        }
    }

    EndlessWriter(EndlessWriter&&) = delete;

    ~EndlessWriter() {
        if (pid_ > 0) {
            kill_it();
        }
    }

    /// Waits until one more write is acknowledged. @returns false at the end of the stream
    bool next_acknowledged() {
        std::int32_t number = 0;
        if (read(told_.get(), &number, sizeof number) != sizeof number) {
            return false;
        }
        last_ = number;
        return true;
    }

    [[nodiscard]] std::int32_t last() const { return last_; }

    void kill_it() {
        ::kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }

  private:
    [[noreturn]] static void write_for_ever(
        const std::filesystem::path& home, int round, int tell
    ) {
        try {
            const ports::SystemClock clock;
            Store store{home};
            SqliteLedger ledger{store, HolderId::random(), clock};
            const auto job = JobId::random();
            for (std::int32_t n = 0;; ++n) {
                ledger.intend(job, folder(std::to_string(round) + "/" + std::to_string(n)));
                (void)!write(tell, &n, sizeof n);
            }
        } catch (...) {
            _exit(1);
        }
    }

    int pid_ = -1;
    os::Fd told_;
    std::int32_t last_ = -1;
};

TEST(StoreKilled, EveryAcknowledgedWriteIsThere) {
    const Home home;
    { const Store store{home.path()}; }
    std::mt19937 random{20'261'121};
    for (int round = 0; round < 20; ++round) {
        EndlessWriter writer{home.path(), round};
        for (auto more = std::uniform_int_distribution{1, 40}(random); more > 0; --more) {
            ASSERT_TRUE(writer.next_acknowledged());
        }
        // A busy wait: the moment lies anywhere within the child's next writes.
        const auto until = Deadline::after(std::chrono::microseconds{
            std::uniform_int_distribution{0, 3'000}(random)});
        while (!until.passed()) {
        }
        writer.kill_it();
        while (writer.next_acknowledged()) {
        }
        Store store(home.path(), LastEnd::unclean);
        const ports::SystemClock clock;
        SqliteLedger ledger{store, HolderId::random(), clock};
        std::set<std::string> names;
        for (const auto& entry : ledger.entries()) {
            names.insert(entry.resource.name);
        }
        for (std::int32_t n = 0; n <= writer.last(); ++n) {
            ASSERT_TRUE(names.contains(std::to_string(round) + "/" + std::to_string(n)));
        }
    }
}

}  // namespace
}  // namespace kiln::sqlite
