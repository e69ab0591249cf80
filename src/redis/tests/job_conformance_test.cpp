// The conformance suite of job queues against a real redis-server, and what is Sidekiq's alone.

#include "ports/testing/fake_clock.hpp"
#include "ports/testing/job_queue_suite.hpp"
#include "redis/presence.hpp"
#include "redis_server.hpp"

#include <future>

namespace kiln::redis::testing {
namespace {

using ports::testing::FakeClock;

class Driver {
  public:
    static std::optional<std::string> unavailable() { return no_server(); }

    ports::JobQueue& jobs() { return jobs_; }

    void advance(std::chrono::seconds span) {
        clock_.advance(span);
        server_.age(span);
    }

    std::size_t dead(const std::string&) {
        return static_cast<std::size_t>(client_.call({"ZCARD", "dead"}).number());
    }

    Client& client() { return client_; }

    SidekiqJobs& sidekiq() { return jobs_; }

    FakeClock& clock() { return clock_; }

  private:
    FakeClock clock_;
    RedisServer server_;
    Client client_{server_.location()};
    SidekiqJobs jobs_{client_, clock_, [] { return 0.5; }};
};

class SidekiqKeys : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = no_server()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
    }

    std::optional<ports::Job> take() {
        return driver->jobs().take("q", std::chrono::seconds{0}, {});
    }

    std::string text(Words words) { return driver->client().call(words).text; }

    std::int64_t number(Words words) { return driver->client().call(words).number(); }

    std::optional<Driver> driver;
};

TEST_F(SidekiqKeys, APushIsSidekiqs) {
    driver->jobs().push({.kind = "A", .queue = "q"});
    EXPECT_EQ(number({"SISMEMBER", "queues", "q"}), 1);
    EXPECT_EQ(number({"LLEN", "queue:q"}), 1);
    driver->jobs().push({.kind = "A", .queue = "q", .delay = std::chrono::seconds{60}});
    EXPECT_EQ(number({"ZCARD", "schedule"}), 1);
}

TEST_F(SidekiqKeys, TheOldestIsTakenFirst) {
    driver->jobs().push({.kind = "first", .queue = "q"});
    driver->jobs().push({.kind = "second", .queue = "q"});
    EXPECT_EQ(take()->kind, "first");
}

TEST_F(SidekiqKeys, MalformedJobsAreDeadAtOnce) {
    for (const auto* text :
         {"{", "[]", R"({"class":"A"})", R"({"class":"A","args":[1,],"jid":"x"})", "\xff"}) {
        driver->client().call({"LPUSH", "queue:q", text});
    }
    EXPECT_FALSE(take());
    EXPECT_EQ(number({"ZCARD", "dead"}), 5);
    EXPECT_EQ(number({"LLEN", "queue:q"}), 0);
}

TEST_F(SidekiqKeys, CountersCountWhatWasDoneAndWhatFailed) {
    driver->jobs().push({.kind = "A", .queue = "q"});
    driver->jobs().push({.kind = "B", .queue = "q"});
    driver->jobs().finish(*take());
    driver->jobs().fail(*take(), {"E", "m"});
    EXPECT_EQ(text({"GET", "stat:processed"}), "2");
    EXPECT_EQ(text({"GET", "stat:failed"}), "1");
    EXPECT_EQ(text({"GET", "stat:processed:2026-01-01"}), "2");
    EXPECT_EQ(number({"ZCARD", "retry"}), 1);
}

TEST_F(SidekiqKeys, AJobThatThreeWorkersDidNotSurviveIsDead) {
    driver->jobs().push({.kind = "A", .queue = "q"});
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(take()) << i;
        driver->advance(ports::kJobLease + std::chrono::seconds{1});
    }
    EXPECT_FALSE(take());
    const auto dead = driver->client().call({"ZRANGE", "dead", "0", "-1"});
    ASSERT_EQ(dead.items.size(), 1U);
    EXPECT_NE(dead.items[0].text.find("Kiln::PoisonPill"), std::string::npos);
}

TEST_F(SidekiqKeys, AJobThatIsDoneTooLateIsNotDoneAgain) {
    driver->jobs().push({.kind = "A", .queue = "q"});
    const auto job = take();
    driver->advance(ports::kJobLease + std::chrono::seconds{1});
    EXPECT_FALSE(driver->jobs().take("other", std::chrono::seconds{0}, {}));
    static_cast<void>(kind_of([&] { driver->jobs().keep(*job); }));  // it is back in its list
    driver->jobs().finish(*job);
    EXPECT_FALSE(take());
}

TEST_F(SidekiqKeys, AFailureThatIsToldTooLateDoesNotMakeTwo) {
    driver->jobs().push({.kind = "A", .queue = "q"});
    const auto first = take();
    driver->advance(ports::kJobLease + std::chrono::seconds{1});
    ASSERT_TRUE(take());
    driver->jobs().fail(*first, {"E", "late"});
    EXPECT_EQ(number({"ZCARD", "retry"}), 0);
}

TEST_F(SidekiqKeys, TheDeadSetIsBounded) {
    driver->client().call(
        {"EVAL", "for i = 1, 10005 do redis.call('ZADD', 'dead', 1e9 + i, i) end return 1", "0"}
    );
    driver->client().call({"ZADD", "dead", "1795000000", "young"});
    driver->jobs().push({.kind = "A", .queue = "q"});
    driver->jobs().fail(*take(), {"E", "m", true});
    EXPECT_EQ(number({"ZCARD", "dead"}), 2) << "those of long ago are gone";
}

TEST_F(SidekiqKeys, AJobOfSidekiqEightIsRead) {
    driver->client().call(
        {"LPUSH",
         "queue:q",
         R"({"class":"A","args":[],"jid":"x","retry":true,"created_at":1764000000500,"enqueued_at":1764000000500})"}
    );
    const auto job = take();
    ASSERT_TRUE(job);
    EXPECT_EQ(job->created, TimePoint{std::chrono::milliseconds{1'764'000'000'500}});
}

TEST_F(SidekiqKeys, TheProcessIsShownWithItsJobsAndHearsThePage) {
    driver->jobs().push({.kind = "A", .queue = "q"});
    const auto job = take();
    auto facts = facts_of_this_process(driver->clock().now());
    facts.queues = {"q"};
    const auto identity = facts.identity;
    driver->client().call({"LPUSH", identity + "-signals", "TSTP"});
    {
        std::promise<PageSignal> heard;
        const Presence presence{
            driver->client(),
            driver->sidekiq(),
            facts,
            driver->clock(),
            {[&](PageSignal signal) { heard.set_value(signal); },
             [](const Error&) {},
             [] { return false; }}};
        EXPECT_EQ(heard.get_future().get(), PageSignal::quiet);
        EXPECT_EQ(number({"SISMEMBER", "processes", identity}), 1);
        EXPECT_EQ(text({"HGET", identity, "busy"}), "1");
        const auto info = parse_json(text({"HGET", identity, "info"})).as_object();
        EXPECT_EQ(info.at("identity").as_string(), identity);
        EXPECT_EQ(info.at("tag").as_string(), "kiln");
        const auto work = driver->client().call({"HVALS", identity + ":workers"});
        ASSERT_EQ(work.items.size(), 1U);
        EXPECT_NE(work.items[0].text.find(job->id), std::string::npos);
        EXPECT_GT(number({"TTL", identity}), 50);
    }
    EXPECT_EQ(number({"SISMEMBER", "processes", identity}), 0);
    EXPECT_EQ(number({"EXISTS", identity}), 0);
}

}  // namespace
}  // namespace kiln::redis::testing

namespace kiln::ports::testing {

INSTANTIATE_TYPED_TEST_SUITE_P(Sidekiq, JobQueueConformance, redis::testing::Driver);

}  // namespace kiln::ports::testing
