#pragma once

#include "api/request_counters.hpp"
#include "base/time.hpp"
#include "net/server.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kiln::api {

/// How full a queue is.
struct QueueGauge {
    std::string name;
    std::int64_t visible = 0;
    std::int64_t in_flight = 0;
    std::int64_t delayed = 0;
    std::optional<Duration> oldest_age;
};

/// What the kernel says of this process.
struct ProcessFacts {
    std::uint64_t resident_bytes = 0;
    std::uint64_t open_fds = 0;
    std::uint64_t threads = 0;
    double cpu_seconds = 0;
};

/// Reads /proc/self. @throws Error by errno
[[nodiscard]] ProcessFacts process_facts();

/// How much the engine of state machines has to do, and did.
struct ExecutionGauges {
    std::uint64_t open = 0;
    std::uint64_t in_memory = 0;
    std::uint64_t events = 0;  ///< of histories, since the server began
    std::uint64_t commits = 0;
    std::uint64_t tasks = 0;  ///< calls of services under way
};

/// Everything that /metrics shows.
struct MetricsFacts {
    std::string version;
    TimePoint started;
    net::ServerCounters server;
    std::vector<RouteCounts> routes;
    std::vector<QueueGauge> queues;
    std::vector<std::pair<std::string, std::int64_t>> bakes;  ///< state and number
    std::uint64_t event_followers = 0;
    std::uint64_t store_commits = 0;
    ExecutionGauges executions;
    ProcessFacts process;
};

/// Prometheus' text format, version 0.0.4. Pure.
[[nodiscard]] std::string metrics_text(const MetricsFacts& facts);

inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace kiln::api
