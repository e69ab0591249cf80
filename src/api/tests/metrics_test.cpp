#include "api/metrics.hpp"

#include <gmock/gmock.h>

namespace kiln::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

TEST(Metrics, RequestsAreCountedByRouteAndStatus) {
    RequestCounters counters{{{"GET", "/v1/bakes"}, {"POST", "/v1/bakes"}}};
    counters.count(0, 200, 300us);
    counters.count(0, 200, 1ms);
    counters.count(0, 404, 30s);
    MetricsFacts facts;
    facts.routes = counters.read();
    const auto text = metrics_text(facts);
    EXPECT_THAT(
        text,
        HasSubstr(R"(kiln_http_requests_total{method="GET",route="/v1/bakes",status="200"} 2)")
    );
    EXPECT_THAT(
        text,
        HasSubstr(R"(kiln_http_requests_total{method="GET",route="/v1/bakes",status="404"} 1)")
    );
    EXPECT_THAT(text, Not(HasSubstr("POST"))) << "nothing is said of what never happened";
}

TEST(Metrics, TheHistogramCounts) {
    RequestCounters counters{{{"GET", "/x"}}};
    counters.count(0, 200, 300us);
    counters.count(0, 200, 1ms);
    counters.count(0, 200, 30s);
    MetricsFacts facts;
    facts.routes = counters.read();
    const auto text = metrics_text(facts);
    const std::string name = R"(kiln_http_request_seconds_bucket{method="GET",route="/x",le=)";
    EXPECT_THAT(text, HasSubstr(name + "\"0.0005\"} 1\n"));
    EXPECT_THAT(text, HasSubstr(name + "\"0.001\"} 2\n")) << "a bound is within its bucket";
    EXPECT_THAT(text, HasSubstr(name + "\"20\"} 2\n"));
    EXPECT_THAT(text, HasSubstr(name + "\"+Inf\"} 3\n"));
    EXPECT_THAT(
        text, HasSubstr("kiln_http_request_seconds_count{method=\"GET\",route=\"/x\"} 3\n")
    );
}

TEST(Metrics, AStatusBeyondHttpIsCountedToo) {
    RequestCounters counters{{{"GET", "/x"}}};
    counters.count(0, 0, 0ns);
    counters.count(0, 999, 0ns);
    const auto routes = counters.read();
    ASSERT_EQ(routes.at(0).by_status.size(), 2U);
    EXPECT_EQ(routes[0].by_status[0].first, 200U);
    EXPECT_EQ(routes[0].by_status[1].first, 599U);
}

TEST(Metrics, QueuesBakesAndStoreAreGauges) {
    MetricsFacts facts;
    facts.version = "1.2.3";
    facts.queues = {{"bakes", 3, 1, 2, 1500ms}, {"a\"b\\c", 0, 0, 0, {}}};
    facts.bakes = {{"running", 4}};
    facts.store_commits = 17;
    facts.executions = {.open = 3, .in_memory = 2, .events = 40, .commits = 9, .tasks = 1};
    const auto text = metrics_text(facts);
    EXPECT_THAT(text, HasSubstr(R"(kiln_queue_messages{queue="bakes",state="in_flight"} 1)"));
    EXPECT_THAT(text, HasSubstr(R"(kiln_queue_oldest_message_seconds{queue="bakes"} 1.5)"));
    EXPECT_THAT(text, HasSubstr(R"(kiln_queue_messages{queue="a\"b\\c",state="visible"} 0)"));
    EXPECT_THAT(text, HasSubstr(R"(kiln_bakes{state="running"} 4)"));
    EXPECT_THAT(text, HasSubstr("kiln_store_commits_total 17\n"));
    EXPECT_THAT(text, HasSubstr("kiln_executions_open 3\n"));
    EXPECT_THAT(text, HasSubstr("kiln_execution_events_total 40\n"));
    EXPECT_THAT(text, HasSubstr(R"(kiln_build_info{version="1.2.3"} 1)"));
}

TEST(Metrics, ThisProcessHasMemoryDescriptorsAndThreads) {
    const auto facts = process_facts();
    EXPECT_GT(facts.resident_bytes, 1U << 20);
    EXPECT_GE(facts.open_fds, 3U);
    EXPECT_GE(facts.threads, 1U);
}

}  // namespace
}  // namespace kiln::api
