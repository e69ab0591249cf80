#include "flow/engine/tests/engine_fixture.hpp"

#include <random>

namespace kiln::flow::testing {
namespace {

/// Random commands, commits that fail, processes that die at any commit; what was answered has to
/// hold (reliability: no acknowledged loss, tokens close once, histories without a gap, all ends).
class Ordeal : public EngineTest, public ::testing::WithParamInterface<unsigned> {
  protected:
    static constexpr const char* kFork =
        R"("A":{"Type":"Parallel","Next":"B","Branches":[{"StartAt":"X","States":{"X":{"Type":"Wait","Seconds":7,"End":true}}},)"
        R"({"StartAt":"Y","States":{"Y":{"Type":"Task","Resource":"arn:aws:states:us-east-1:000000000000:activity:work","TimeoutSeconds":1000,)"
        R"("Retry":[{"ErrorEquals":["E"],"IntervalSeconds":3,"MaxAttempts":2}],"End":true}}}]},)"
        R"("B":{"Type":"Map","ItemProcessor":{"StartAt":"Z","States":{"Z":{"Type":"Pass","End":true}}},"ItemsPath":"$","Next":"C"},)"
        R"("C":{"Type":"Map","Label":"L","End":true,"ToleratedFailurePercentage":100,"ItemProcessor":{"ProcessorConfig":)"
        R"({"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":2,"End":true}}}})";

    void one_step() {
        switch (random_() % 9) {
            case 0:
            case 1:
                return begin_one();
            case 2:
            case 3:
                return work_once();
            case 4:
                return report_twice();
            case 5:
                return stop_one();
            case 6:
                return advance(seconds{random_() % 8});
            case 7:
                store_.fail_at(1 + random_() % 4);
                return;
            default:
                return die();
        }
    }

    void begin_one() {
        const auto result = try_start(spec(revision_, "n" + std::to_string(random_() % 30)));
        if (const auto* const started = std::get_if<StartedExecution>(&result)) {
            started_.insert(started->arn);
        }
    }

    void work_once() {
        const auto result = poll(kActivity, seconds{0}).get();
        const auto* const task = std::get_if<ActivityTask>(&result);
        if (task == nullptr || task->token.empty()) {
            return;
        }
        const auto reported = random_() % 3 == 0 ? fail(task->token, "E") : succeed(task->token);
        if (refusal(reported).empty()) {
            closed_.push_back(task->token);
        }
    }

    void report_twice() {
        if (!closed_.empty()) {
            const auto again = succeed(closed_[random_() % closed_.size()]);
            EXPECT_NE(refusal(again), "");
        }
    }

    void stop_one() {
        if (!started_.empty() && random_() % 3 == 0) {
            (void)stop(*started_.begin());
        }
    }

    /// Nothing reaches the disk after some commits; then another process begins.
    void die() {
        store_.end_after(store_.applied() + random_() % 3);
        for (auto steps = random_() % 4; steps > 0; --steps) {
            begin_one();
            work_once();
        }
        engine_.reset();
        store_.end_after(SIZE_MAX);
        begin();
    }

    void finish() {
        store_.fail_at(SIZE_MAX / 2);
        for (int round = 0; round < 400 && !all_ended(); ++round) {
            advance(seconds{5});
            work_once();
        }
    }

    [[nodiscard]] bool all_ended() {
        std::size_t open = 0;
        disk_.visit_open([&](auto, auto) { ++open; });
        return open == 0;
    }

    void check_history(const std::string& arn) {
        EventId expected = 1;
        const auto events = history(arn);
        for (const auto& event : events) {
            EXPECT_EQ(event.id, expected++);
            EXPECT_LT(event.previous, event.id);
            const bool ends = event.type == HistoryType::execution_succeeded ||
                              event.type == HistoryType::execution_failed ||
                              event.type == HistoryType::execution_aborted ||
                              event.type == HistoryType::execution_timed_out;
            EXPECT_EQ(ends, event.id == static_cast<EventId>(events.size()));
        }
    }

    std::mt19937 random_{GetParam()};
    std::int64_t revision_ = machine(kFork);
    std::set<std::string> started_;
    std::vector<std::string> closed_;
};

TEST_P(Ordeal, KeepsWhatWasAnswered) {
    for (int step = 0; step < 60; ++step) {
        one_step();
    }
    finish();
    EXPECT_TRUE(all_ended());
    for (const auto& arn : started_) {
        ASSERT_EQ(refusal(engine_->describe(arn)), "") << arn;
        check_history(arn);
    }
    disk_.visit_waiting([](const auto& waiting) {
        ADD_FAILURE() << waiting.execution << " waits for ever";
    });
}

INSTANTIATE_TEST_SUITE_P(Seeds, Ordeal, ::testing::Range(0U, 200U));

}  // namespace
}  // namespace kiln::flow::testing
