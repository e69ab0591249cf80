#include "ports/job_record.hpp"

#include "base/testing/kind_of.hpp"

#include <gtest/gtest.h>

namespace kiln::ports {
namespace {

const TimePoint kNow = parse_time("2026-11-25T12:00:00.250Z");

Job job_of(std::string_view json) {
    return read_job(json, "builds", "receipt");
}

TEST(JobRecord, ANewJobHasSidekiqsFields) {
    const JobOrder order{.kind = "Build", .queue = "builds", .args = {1, "two"}};
    const auto record = new_job_record(order, "0123456789abcdef01234567", kNow);
    EXPECT_EQ(record.at("class"), json::value("Build"));
    EXPECT_EQ(record.at("args"), json::value(json::array{1, "two"}));
    EXPECT_EQ(record.at("queue"), json::value("builds"));
    EXPECT_EQ(record.at("jid"), json::value("0123456789abcdef01234567"));
    EXPECT_EQ(record.at("retry"), json::value(true));
    EXPECT_TRUE(record.at("created_at").is_double());
    EXPECT_EQ(record.at("enqueued_at"), record.at("created_at"));
}

TEST(JobRecord, ADelayedJobIsNotEnqueuedYet) {
    const JobOrder order{.kind = "B", .queue = "q", .retries = 3, .delay = std::chrono::seconds{9}};
    const auto record = new_job_record(order, "0123456789abcdef01234567", kNow);
    EXPECT_FALSE(record.contains("enqueued_at"));
    EXPECT_EQ(record.at("retry"), json::value(3));
    EXPECT_TRUE(enqueued(record, kNow).contains("enqueued_at"));
}

TEST(JobRecord, EveryFaultOfAnOrderIsTold) {
    const JobOrder order{
        .kind = "", .queue = "a b", .retries = -1, .delay = std::chrono::seconds{-1}, .id = "x"};
    try {
        check_order(order);
        FAIL() << "it was taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_EQ(error.problems().size(), 5U);
    }
}

TEST(JobRecord, IdsAreTwentyFourHexDigitsAndDiffer) {
    const auto one = random_job_id();
    EXPECT_EQ(one.size(), 24U);
    EXPECT_EQ(one.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_NE(one, random_job_id());
}

TEST(JobRecord, WhatIsNoJobIsInvalid) {
    for (const std::string_view text :
         {"",
          "{",
          "[]",
          "{}",
          R"({"class":"A","args":{},"jid":"x"})",
          R"({"class":"A","jid":"x"})",
          R"({"class":"","args":[],"jid":"x"})"}) {
        EXPECT_EQ(kind_of([&] { job_of(text); }), ErrorKind::invalid) << text;
    }
}

struct RetryRow {
    const char* name;
    const char* json;
    std::int64_t retries;
    std::int64_t most;
};

class RetriesOf : public ::testing::TestWithParam<RetryRow> {};

TEST_P(RetriesOf, AreReadAsSidekiqWritesThem) {
    const auto job =
        job_of(std::string{R"({"class":"A","args":[],"jid":"x")"} + GetParam().json + "}");
    EXPECT_EQ(job.retries, GetParam().retries);
    EXPECT_EQ(job.most_retries, GetParam().most);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    RetriesOf,
    ::testing::Values(
        RetryRow{"usual", R"(,"retry":true)", 0, 25},
        RetryRow{"off", R"(,"retry":false)", 0, -1},
        RetryRow{"number", R"(,"retry":3)", 0, 3},
        RetryRow{"failed_once", R"(,"retry":true,"retry_count":0)", 1, 25},
        RetryRow{"failed_thrice", R"(,"retry":true,"retry_count":2)", 3, 25},
        RetryRow{"absent", "", 0, -1}
    ),
    [](const auto& row) { return std::string{row.param.name}; }
);

TEST(JobRecord, TheFirstFailureIsTriedAgainAfterFifteenSecondsAndJitter) {
    const auto job = job_of(R"({"class":"A","args":[],"jid":"x","retry":true,"tags":["kept"]})");
    const auto failed = after_failure(job, {"Kiln::Invalid", "it broke"}, kNow, 0.55);
    EXPECT_EQ(failed.fate.kind, JobFate::Kind::retried);
    EXPECT_EQ(failed.fate.at - kNow, std::chrono::seconds{20});
    EXPECT_EQ(failed.record.at("retry_count"), json::value(0));
    EXPECT_EQ(failed.record.at("error_class"), json::value("Kiln::Invalid"));
    EXPECT_EQ(failed.record.at("error_message"), json::value("it broke"));
    EXPECT_EQ(failed.record.at("tags"), json::value(json::array{"kept"}));
    EXPECT_TRUE(failed.record.contains("failed_at"));
    EXPECT_FALSE(failed.record.contains("retried_at"));
}

TEST(JobRecord, TheThirdFailureWaitsForTwoToTheFourthMore) {
    const auto job = job_of(R"({"class":"A","args":[],"jid":"x","retry":true,"retry_count":1})");
    const auto failed = after_failure(job, {"E", "m"}, kNow, 0);
    EXPECT_EQ(failed.fate.at - kNow, std::chrono::seconds{16 + 15});
    EXPECT_EQ(failed.record.at("retry_count"), json::value(2));
    EXPECT_TRUE(failed.record.contains("retried_at"));
}

TEST(JobRecord, WhatFailedTooOftenOrForGoodIsDeadUnlessItAsksNotToBe) {
    const auto fate = [](const char* more, bool for_good) {
        const auto job = job_of(std::string{R"({"class":"A","args":[],"jid":"x",)"} + more + "}");
        return after_failure(job, {"E", "m", for_good}, kNow, 0).fate.kind;
    };
    using enum JobFate::Kind;
    EXPECT_EQ(fate(R"("retry":true,"retry_count":23)", false), retried);
    EXPECT_EQ(fate(R"("retry":true,"retry_count":24)", false), dead);
    EXPECT_EQ(fate(R"("retry":0)", false), dead);
    EXPECT_EQ(fate(R"("retry":true)", true), dead);
    EXPECT_EQ(fate(R"("retry":false)", false), dropped);
    EXPECT_EQ(fate(R"("retry":0,"dead":false)", false), dropped);
}

TEST(JobRecord, ALongMessageIsCutBetweenCharacters) {
    const auto job = job_of(R"({"class":"A","args":[],"jid":"x","retry":true})");
    std::string text(9'999, 'a');
    const auto failed = after_failure(job, {"E", text + "ü\xff"}, kNow, 0);
    EXPECT_EQ(failed.record.at("error_message").as_string(), text);
}

TEST(JobRecord, TimesAreReadInSecondsAndMilliseconds) {
    EXPECT_EQ(
        read_job_time(json::value(1'764'000'000.5)), read_job_time(json::value(1'764'000'000'500))
    );
    EXPECT_FALSE(read_job_time(json::value("now")));
    EXPECT_FALSE(read_job_time(json::value(-1)));
}

}  // namespace
}  // namespace kiln::ports
