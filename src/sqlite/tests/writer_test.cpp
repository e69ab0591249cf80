#include "sqlite/writer.hpp"

#include "ports/testing/kind_of.hpp"
#include "sqlite/migrations.hpp"
#include "sqlite/tests/home.hpp"

#include <barrier>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

namespace kiln::sqlite {
namespace {

using ports::testing::kind_of;

class WriterTest : public ::testing::Test {
  protected:
    static constexpr Migration kTable{"table", "CREATE TABLE t (n BIGINT PRIMARY KEY)"};

    static Writer::Work insert(int n) {
        return [n](Database& database) { database.run("INSERT INTO t VALUES ($1)", n); };
    }

    std::int64_t rows() { return reader_.number("SELECT COUNT(*) FROM t"); }

    bool has(int n) { return reader_.query("SELECT 1 FROM t WHERE n = $1", n).next(); }

    /// Holds the writer's thread inside a batch of its own until released.
    class Hold {
      public:
        explicit Hold(Writer& writer)
            : done_{writer.submit([this](Database&) {
                  entered_.set_value();
                  released_.get_future().wait();
              })} {
            entered_.get_future().wait();
        }

        void release() {
            released_.set_value();
            done_.get();
        }

      private:
        std::promise<void> entered_, released_;
        std::future<void> done_;
    };

    Home home_;
    Database reader_ = open_migrated(home_.file(), {&kTable, 1});
    std::atomic<int> opened_{0};
    Writer writer_{[this] {
        ++opened_;
        return Database::open(home_.file(), Use::writing);
    }};
};

TEST_F(WriterTest, AWriteIsThereWhenItReturns) {
    writer_.write(insert(1));
    EXPECT_TRUE(has(1));
    EXPECT_EQ(writer_.commits(), 1U);
}

TEST_F(WriterTest, NothingIsOpenedBeforeTheFirstWork) {
    EXPECT_EQ(opened_, 0);
    writer_.write(insert(1));
    writer_.write(insert(2));
    EXPECT_EQ(opened_, 1);
}

TEST_F(WriterTest, AllThatWaitsSharesOneCommit) {
    Hold hold{writer_};
    std::vector<std::future<void>> answers;
    for (int i = 0; i < 100; ++i) {
        answers.push_back(writer_.submit(insert(i)));
    }
    hold.release();
    for (auto& answer : answers) {
        answer.get();
    }
    EXPECT_EQ(rows(), 100);
    EXPECT_EQ(writer_.commits(), 2U);  // the hold's own, and one for all hundred
}

TEST_F(WriterTest, AHundredBlockedCallersShareOneCommit) {
    constexpr int kCallers = 100;
    Hold hold{writer_};
    std::barrier together{kCallers + 1};
    std::atomic<int> durable{0};
    std::vector<std::jthread> callers;
    for (int i = 0; i < kCallers; ++i) {
        callers.emplace_back([&, i] {
            auto answer = writer_.submit(insert(i));
            together.arrive_and_wait();
            answer.get();
            ++durable;
        });
    }
    together.arrive_and_wait();
    EXPECT_EQ(durable, 0);
    hold.release();
    callers.clear();
    EXPECT_EQ(durable, kCallers);
    EXPECT_EQ(rows(), kCallers);
    EXPECT_EQ(writer_.commits(), 2U);
}

TEST_F(WriterTest, AFailingWorkIsRolledBackAlone) {
    Hold hold{writer_};
    auto before = writer_.submit(insert(1));
    auto failing = writer_.submit([](Database& database) {
        database.run("INSERT INTO t VALUES (2)");
        throw Error{ErrorKind::conflict, "no"};
    });
    auto violating = writer_.submit(insert(1));
    auto after = writer_.submit(insert(3));
    hold.release();
    before.get();
    after.get();
    EXPECT_EQ(kind_of([&] { failing.get(); }), ErrorKind::conflict);
    EXPECT_EQ(kind_of([&] { violating.get(); }), ErrorKind::conflict);
    EXPECT_TRUE(has(1));
    EXPECT_FALSE(has(2));
    EXPECT_TRUE(has(3));
}

TEST_F(WriterTest, AForeignExceptionReachesItsCaller) {
    EXPECT_THROW(
        writer_.write([](Database&) { throw std::out_of_range{"mine"}; }), std::out_of_range
    );
    writer_.write(insert(1));
    EXPECT_TRUE(has(1));
}

TEST_F(WriterTest, AFailedCommitFailsEveryCallerAndLeavesNothing) {
    Hold hold{writer_};
    auto first = writer_.submit(insert(1));
    auto second = writer_.submit([](Database& database) {
        // As a full disk does: the transaction cannot be committed.
        sqlite3_commit_hook(
            database.handle(), [](void*) { return 1; }, nullptr
        );
        database.run("INSERT INTO t VALUES (2)");
    });
    hold.release();
    EXPECT_EQ(kind_of([&] { first.get(); }), ErrorKind::conflict);
    EXPECT_EQ(kind_of([&] { second.get(); }), ErrorKind::conflict);
    EXPECT_EQ(rows(), 0);
    writer_.write(insert(3));  // on a new connection, without that hook
    EXPECT_TRUE(has(3));
}

TEST_F(WriterTest, ALostTransactionFailsEveryCaller) {
    Hold hold{writer_};
    auto first = writer_.submit(insert(1));
    auto second = writer_.submit([](Database& database) {
        database.run("ROLLBACK");
        throw Error{ErrorKind::exhausted, "the disk is full"};
    });
    auto third = writer_.submit(insert(3));
    hold.release();
    EXPECT_EQ(kind_of([&] { first.get(); }), ErrorKind::exhausted);
    EXPECT_EQ(kind_of([&] { second.get(); }), ErrorKind::exhausted);
    EXPECT_EQ(kind_of([&] { third.get(); }), ErrorKind::exhausted);
    EXPECT_EQ(rows(), 0);
}

TEST_F(WriterTest, AConnectionThatCannotBeOpenedIsTriedAgainNextTime) {
    int tries = 0;
    Writer writer{[&] {
        if (++tries == 1) {
            throw Error{ErrorKind::denied, "not now"};
        }
        return Database::open(home_.file(), Use::writing);
    }};
    EXPECT_EQ(kind_of([&] { writer.write(insert(1)); }), ErrorKind::denied);
    writer.write(insert(1));
    EXPECT_TRUE(has(1));
}

TEST_F(WriterTest, WhatWaitsIsDoneBeforeTheEnd) {
    std::future<void> answer;
    {
        Writer writer{[&] { return Database::open(home_.file(), Use::writing); }};
        Hold hold{writer};
        answer = writer.submit(insert(1));
        hold.release();
    }
    answer.get();
    EXPECT_TRUE(has(1));
}

TEST_F(WriterTest, TooMuchWaitingIsRefused) {
    Hold hold{writer_};
    std::vector<std::future<void>> answers;
    const auto kind = kind_of([&] {
        for (int i = 0; i <= 10'000; ++i) {
            answers.push_back(writer_.submit([](Database&) {}));
        }
    });
    EXPECT_EQ(kind, ErrorKind::exhausted);
    hold.release();
    EXPECT_EQ(answers.size(), 10'000U);
}

}  // namespace
}  // namespace kiln::sqlite
