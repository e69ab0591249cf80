#include "jobs/message_jobs.hpp"

#include "ports/testing/fake_clock.hpp"
#include "ports/testing/job_queue_suite.hpp"
#include "ports/testing/memory_queues.hpp"

namespace kiln::jobs {
namespace {

using ports::testing::FakeClock;
using ports::testing::MemoryQueues;

class Driver {
  public:
    static std::optional<std::string> unavailable() { return std::nullopt; }

    ports::JobQueue& jobs() { return jobs_; }

    void advance(std::chrono::seconds span) { clock_.advance(span); }

    std::size_t dead(const std::string& queue) { return queues_.sent(dead_queue_of(queue)).size(); }

    MemoryQueues& queues() { return queues_; }

  private:
    FakeClock clock_;
    MemoryQueues queues_{clock_};
    MessageJobs jobs_{queues_, queues_, clock_, [] { return 0.5; }};
};

std::optional<ports::Job> take(Driver& driver) {
    return driver.jobs().take("q", std::chrono::seconds{0}, {});
}

TEST(MessageJobs, WhatIsNoJobIsSetAsideAndTheNextOneIsGiven) {
    Driver driver;
    EXPECT_FALSE(take(driver));
    driver.queues().send("q", {{.body = "no job"}});
    driver.jobs().push({.kind = "A", .queue = "q"});
    EXPECT_TRUE(take(driver));
    EXPECT_EQ(driver.dead("q"), 1U);
}

TEST(MessageJobs, AJobThatThreeWorkersDidNotSurviveIsSetAside) {
    Driver driver;
    driver.jobs().push({.kind = "A", .queue = "q"});
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(take(driver)) << i;
        driver.advance(ports::kJobLease + std::chrono::seconds{1});
    }
    EXPECT_FALSE(take(driver));
    ASSERT_EQ(driver.dead("q"), 1U);
    const auto body = driver.queues().sent("q-dead").at(0).body;
    EXPECT_NE(body.find("Kiln::PoisonPill"), std::string::npos) << body;
}

TEST(MessageJobs, WaitingForDaysIsNoPoison) {
    Driver driver;
    driver.jobs().push({.kind = "A", .queue = "q", .delay = std::chrono::hours{100}});
    for (int i = 0; i < 20 && driver.dead("q") == 0; ++i) {
        if (take(driver)) {
            EXPECT_GE(i, 9);
            return;
        }
        driver.advance(std::chrono::hours{11});
    }
    FAIL() << "it was not given out";
}

TEST(MessageJobs, WhenTheQueueBreaksBetweenBothStepsOfARetryTheJobIsThereStill) {
    Driver driver;
    driver.jobs().push({.kind = "A", .queue = "q"});
    const auto job = take(driver);
    ASSERT_TRUE(job);
    driver.queues().fail_with([](const std::string& call, const std::string&) {
        if (call == "remove") {
            throw Error{ErrorKind::unavailable, "gone"};
        }
    });
    EXPECT_EQ(kind_of([&] { driver.jobs().fail(*job, {"E", "m"}); }), ErrorKind::unavailable);
    EXPECT_EQ(driver.queues().sent("q").size(), 2U);
}

}  // namespace
}  // namespace kiln::jobs

namespace kiln::ports::testing {

INSTANTIATE_TYPED_TEST_SUITE_P(Messages, JobQueueConformance, jobs::Driver);

}  // namespace kiln::ports::testing
