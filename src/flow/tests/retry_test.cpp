#include "flow/state_work.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::flow {
namespace {

struct Row {
    const char* name;
    std::vector<std::string> names;
    ErrorOutput error;
    bool matches;
};

class ErrorEquals : public ::testing::TestWithParam<Row> {};

TEST_P(ErrorEquals, matchesAsAwsSays) {
    asl::State state;
    state.catchers.push_back({.error_equals = GetParam().names});
    state.retry.push_back({.error_equals = GetParam().names});
    EXPECT_EQ(matching_catcher(state, GetParam().error).has_value(), GetParam().matches);
    EXPECT_EQ(matching_retrier(state, GetParam().error).has_value(), GetParam().matches);
}

const std::vector<Row> kRows{
    {"own_name", {"A", "B"}, {"B"}, true},
    {"other_name", {"A"}, {"B"}, false},
    {"all", {"States.ALL"}, {"B"}, true},
    {"all_without_a_name", {"States.ALL"}, {}, true},
    {"all_not_runtime", {"States.ALL"}, {"States.Runtime"}, false},
    {"runtime_by_name_neither", {"States.Runtime"}, {"States.Runtime"}, false},
    {"all_data_limit", {"States.ALL"}, {"States.DataLimitExceeded"}, true},
    {"task_failed", {"States.TaskFailed"}, {"B"}, true},
    {"task_failed_not_timeout", {"States.TaskFailed"}, {"States.Timeout"}, false},
    {"timeout", {"States.Timeout"}, {"States.Timeout"}, true},
    {"heartbeat", {"States.HeartbeatTimeout"}, {"States.Timeout", {}, true}, true},
    {"heartbeat_is_a_timeout", {"States.Timeout"}, {"States.Timeout", {}, true}, true},
    {"timeout_is_no_heartbeat", {"States.HeartbeatTimeout"}, {"States.Timeout"}, false},
};

INSTANTIATE_TEST_SUITE_P(Names, ErrorEquals, ::testing::ValuesIn(kRows), [](const auto& row) {
    return row.param.name;
});

TEST(RetryDelay, growsUpToItsMaximum) {
    const asl::Retrier retrier{.interval_seconds = 3, .backoff_rate = 2.0, .max_delay_seconds = 10};
    EXPECT_EQ(retry_delay(retrier, 1), 3);
    EXPECT_EQ(retry_delay(retrier, 2), 6);
    EXPECT_EQ(retry_delay(retrier, 3), 10);
    EXPECT_EQ(retry_delay(retrier, 100'000), 10);
}

TEST(RetryDelay, isBoundedWithoutAMaximum) {
    const asl::Retrier retrier{.interval_seconds = 99'999'999, .backoff_rate = 1000.0};
    EXPECT_EQ(retry_delay(retrier, 1000), 99'999'999);
}

TEST(RetryDelay, jitterIsFromNothingToTheDelay) {
    const asl::Retrier retrier{.interval_seconds = 8, .jitter = asl::Jitter::full};
    EXPECT_EQ(jittered_delay(retrier, 1, 0), Duration{0});
    EXPECT_EQ(jittered_delay(retrier, 1, std::uint64_t{1} << 63U), std::chrono::seconds{4});
    EXPECT_LT(jittered_delay(retrier, 1, ~std::uint64_t{0}), std::chrono::seconds{8});
}

TEST(RetryDelay, isExactWithoutJitter) {
    const asl::Retrier retrier{.interval_seconds = 8, .backoff_rate = 1.5};
    EXPECT_EQ(jittered_delay(retrier, 2, 12345), std::chrono::seconds{12});
}

}  // namespace
}  // namespace kiln::flow
