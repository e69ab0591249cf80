#include "jobs/workers.hpp"

#include "jobs/message_jobs.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/memory_queues.hpp"

#include <future>

#include <gtest/gtest.h>

namespace kiln::jobs {
namespace {

using namespace std::chrono_literals;

/// Gives the same job once, and remembers what is told of it.
class ScriptedJobs final : public ports::JobQueue {
  public:
    std::string push(const ports::JobOrder&) override { return "id"; }

    std::optional<ports::Job> take(
        const std::string& queue, std::chrono::seconds, const std::stop_token& stop
    ) override {
        if (given_.exchange(true)) {
            std::mutex mutex;
            std::unique_lock lock{mutex};
            std::condition_variable_any never;
            never.wait(lock, stop, [] { return false; });
            return std::nullopt;
        }
        ports::Job job;
        job.queue = queue;
        job.id = "id";
        job.receipt = "r";
        return job;
    }

    void keep(const ports::Job&) override {
        ++kept;
        if (lost) {
            throw Error{ErrorKind::conflict, "lost"};
        }
    }

    void finish(const ports::Job&) override {
        if (failures-- > 0) {
            throw Error{ErrorKind::unavailable, "gone"};
        }
        end.set_value("finished");
    }

    ports::JobFate fail(const ports::Job&, const ports::JobFailure& failure) override {
        end.set_value(failure.type + (failure.for_good ? " for good: " : ": ") + failure.message);
        return {};
    }

    std::string how_it_ended() {
        auto future = end.get_future();
        return future.wait_for(10s) == std::future_status::ready ? future.get() : "not at all";
    }

    std::atomic<int> kept{0};
    std::atomic<int> failures{0};
    std::atomic<bool> lost{false};
    std::promise<std::string> end;

  private:
    std::atomic<bool> given_{false};
};

WorkPlan plan() {
    return {.queues = {"q"}, .keep_every = 1ms, .longest_pause = 1ms};
}

WorkNews no_news() {
    return {[](const auto&) {}, [](const auto&, const auto*, const auto*) {}, [](const auto&) {}};
}

TEST(Workers, AJobThatIsDoneIsFinished) {
    ScriptedJobs jobs;
    const Workers workers{
        jobs, [](const auto&, const auto&) { return std::nullopt; }, plan(), no_news()};
    EXPECT_EQ(jobs.how_it_ended(), "finished");
}

struct EndRow {
    const char* name;
    ErrorKind kind;
    const char* end;
};

class WorkersError : public ::testing::TestWithParam<EndRow> {};

TEST_P(WorkersError, OfAJobFailsIt) {
    ScriptedJobs jobs;
    const Workers workers{
        jobs,
        [](const auto&, const auto&) -> std::optional<ports::JobFailure> {
            throw Error{GetParam().kind, "why"};
        },
        plan(),
        no_news()};
    EXPECT_EQ(jobs.how_it_ended(), GetParam().end);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    WorkersError,
    ::testing::Values(
        EndRow{"unavailable", ErrorKind::unavailable, "Kiln::Unavailable: why"},
        EndRow{"timed_out", ErrorKind::timed_out, "Kiln::TimedOut: why"},
        EndRow{"internal", ErrorKind::internal, "Kiln::Internal: why"},
        EndRow{"invalid", ErrorKind::invalid, "Kiln::Invalid for good: why"},
        EndRow{"not_found", ErrorKind::not_found, "Kiln::NotFound for good: why"}
    ),
    [](const auto& row) { return std::string{row.param.name}; }
);

TEST(Workers, TheEndIsToldUntilTheQueueHearsIt) {
    ScriptedJobs jobs;
    jobs.failures = 3;
    const Workers workers{
        jobs, [](const auto&, const auto&) { return std::nullopt; }, plan(), no_news()};
    EXPECT_EQ(jobs.how_it_ended(), "finished");
}

TEST(Workers, AJobIsKeptWhileItIsDoneAndStoppedWhenSomebodyElseHasIt) {
    ScriptedJobs jobs;
    const Workers workers{
        jobs,
        [&](const auto&, const std::stop_token& stop) -> std::optional<ports::JobFailure> {
            while (jobs.kept < 3) {
                std::this_thread::yield();
            }
            jobs.lost = true;
            while (!stop.stop_requested()) {
                std::this_thread::yield();
            }
            return ports::JobFailure{"E", "stopped"};
        },
        plan(),
        no_news()};
    EXPECT_EQ(jobs.how_it_ended(), "E: stopped");
}

TEST(Workers, QuietWaitsForWhatIsUnderWayAndHurryAsksItToStop) {
    ScriptedJobs jobs;
    std::promise<void> begun;
    Workers workers{
        jobs,
        [&](const auto&, const std::stop_token& stop) -> std::optional<ports::JobFailure> {
            begun.set_value();
            while (!stop.stop_requested()) {
                std::this_thread::yield();
            }
            return std::nullopt;
        },
        plan(),
        no_news()};
    begun.get_future().wait();
    workers.quiet();
    workers.hurry();
    workers.join();
    EXPECT_EQ(jobs.how_it_ended(), "finished");
}

}  // namespace
}  // namespace kiln::jobs
