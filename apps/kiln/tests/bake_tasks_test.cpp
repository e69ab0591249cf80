#include "../bake_tasks.hpp"

#include "base/error.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/memory_bakes.hpp"

#include <future>

#include <gmock/gmock.h>

namespace kiln {
namespace {

using ::testing::ElementsAre;

/// Bakes in memory, of which this process is told.
class BakeTasksTest : public ::testing::Test {
  protected:
    void begin_tasks(Duration look_every = std::chrono::hours{1}) {
        tasks_.emplace(
            bakes_,
            [this](const std::string& request, const std::string& key) {
                return submit(request, key);
            },
            [this](const BakeId& id) { cancelled_.push_back(id); },
            look_every
        );
    }

    ports::BakeRecord submit(const std::string& request, const std::string& key) {
        ports::BakeRecord record;
        record.id = BakeId::random();
        record.name = request;
        record.key = key;
        record.holder = HolderId::random();
        record.job = JobId::random();
        record.parent = ImageId::random();
        record.created = clock_.now();
        EXPECT_TRUE(memory_.begin(record, false).inserted);
        return record;
    }

    /// @param store  as this process stores it, or another one
    void end(ports::BakeStore& store, const BakeId& id, ports::BakeState state) {
        ports::BakeEvent last;
        last.sequence = 1;
        last.category = "END";
        last.final = true;
        store.append(
            id,
            1,
            {last},
            ports::BakeStore::Ending{
                .state = state, .image = {}, .result = json::object{}, .at = clock_.now()}
        );
    }

    std::future<tasks::Bakes::Outcome> outcome_of(const BakeId& id) {
        auto promise = std::make_shared<std::promise<tasks::Bakes::Outcome>>();
        tasks_->when_over(id.str(), [promise](auto outcome) {
            promise->set_value(std::move(outcome));
        });
        return promise->get_future();
    }

    ports::testing::FakeClock clock_;
    ports::testing::MemoryBakeStore memory_;
    api::ToldBakeStore bakes_{memory_};
    std::vector<BakeId> cancelled_;
    std::optional<BakeTasks> tasks_;
};

TEST_F(BakeTasksTest, ASubmittedBakeIsShownAsTheApiShowsIt) {
    begin_tasks();
    const auto shown = tasks_->submit("web", "key");
    EXPECT_EQ(shown.at("name").as_string(), "web");
    EXPECT_EQ(shown.at("state").as_string(), "running");
}

TEST_F(BakeTasksTest, ItsEndIsToldAtOnceWhenThisProcessStoresIt) {
    begin_tasks();
    const auto id = submit("web", "k").id;
    auto outcome = outcome_of(id);
    end(bakes_, id, ports::BakeState::succeeded);
    const auto told = outcome.get();
    EXPECT_TRUE(told.succeeded);
    EXPECT_EQ(told.record.at("id").as_string(), id.str());
}

TEST_F(BakeTasksTest, EveryEndButSuccessIsAFailure) {
    begin_tasks();
    for (const auto state : {ports::BakeState::failed, ports::BakeState::cancelled}) {
        const auto id = submit("web", std::to_string(static_cast<int>(state))).id;
        auto outcome = outcome_of(id);
        end(bakes_, id, state);
        const auto told = outcome.get();
        EXPECT_FALSE(told.succeeded);
        EXPECT_EQ(told.record.at("state").as_string(), to_string(state));
    }
}

TEST_F(BakeTasksTest, WhatAnotherProcessStoresIsNoticedFromTimeToTime) {
    begin_tasks(std::chrono::milliseconds{1});
    const auto id = submit("web", "k").id;
    auto outcome = outcome_of(id);
    end(memory_, id, ports::BakeState::succeeded);
    EXPECT_TRUE(outcome.get().succeeded);
}

TEST_F(BakeTasksTest, OneThatIsOverBeforeSomebodyAsksIsToldToo) {
    begin_tasks();
    const auto id = submit("web", "k").id;
    end(bakes_, id, ports::BakeState::succeeded);
    EXPECT_TRUE(outcome_of(id).get().succeeded);
}

TEST_F(BakeTasksTest, AllWhoWaitForItAreToldAndNobodyElse) {
    begin_tasks();
    const auto id = submit("web", "k").id;
    const auto other = submit("other", "o").id;
    auto first = outcome_of(id);
    auto second = outcome_of(id);
    auto unrelated = outcome_of(other);
    end(bakes_, id, ports::BakeState::succeeded);
    EXPECT_TRUE(first.get().succeeded);
    EXPECT_TRUE(second.get().succeeded);
    EXPECT_EQ(unrelated.wait_for(std::chrono::seconds{0}), std::future_status::timeout);
}

TEST_F(BakeTasksTest, OneThatIsForgottenIsAFailureThatSaysSo) {
    begin_tasks();
    const auto id = BakeId::random();
    const auto told = outcome_of(id).get();
    EXPECT_FALSE(told.succeeded);
    EXPECT_EQ(told.record, (json::object{{"id", id.str()}, {"state", "forgotten"}}));
}

TEST_F(BakeTasksTest, WhoWaitsMayAskAgainWhenTold) {
    begin_tasks();
    const auto first = submit("first", "1").id;
    const auto second = submit("second", "2").id;
    end(memory_, second, ports::BakeState::succeeded);
    std::promise<bool> told;
    tasks_->when_over(first.str(), [&](const auto&) {
        tasks_->when_over(second.str(), [&](const auto& outcome) {
            told.set_value(outcome.succeeded);
        });
    });
    end(bakes_, first, ports::BakeState::succeeded);
    EXPECT_TRUE(told.get_future().get());
}

TEST_F(BakeTasksTest, ItsEndTellsNobody) {
    begin_tasks();
    const auto id = submit("web", "k").id;
    auto outcome = outcome_of(id);
    tasks_.reset();
    end(bakes_, id, ports::BakeState::succeeded);
    EXPECT_THROW((void)outcome.get(), std::future_error) << "the promise is dropped unkept";
}

TEST_F(BakeTasksTest, ACancelledOneIsAskedToEnd) {
    begin_tasks();
    const auto id = BakeId::random();
    tasks_->cancel(id.str());
    EXPECT_THAT(cancelled_, ElementsAre(id));
    EXPECT_THROW(tasks_->cancel("no id"), Error);
}

}  // namespace
}  // namespace kiln
