#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace kiln::api {

/// Upper bounds of the latency histogram, in seconds; above the last one there is infinity.
inline constexpr std::array<double, 12> kLatencyBounds{
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 20.0};

/// What was counted of one route.
struct RouteCounts {
    std::string method;
    std::string route;
    std::vector<std::pair<unsigned, std::uint64_t>> by_status;       ///< those that occurred
    std::array<std::uint64_t, kLatencyBounds.size() + 1> latency{};  ///< each bucket alone
    double latency_sum = 0;                                          ///< seconds
};

/// Counts answers by route and status, and how long they took. Counting takes no lock.
class RequestCounters {
  public:
    /// @param routes  method and name of each: they are counted by their index here
    explicit RequestCounters(std::vector<std::pair<std::string, std::string>> routes);

    /// @param took  from the request's header to its answer
    void count(std::size_t route, unsigned status, std::chrono::nanoseconds took) noexcept;

    [[nodiscard]] std::vector<RouteCounts> read() const;

  private:
    /// 1xx never, 2xx to 5xx; what is beyond is counted as 599.
    static constexpr unsigned kLowest = 200;
    static constexpr unsigned kStatuses = 400;

    struct Slot {
        std::array<std::atomic<std::uint64_t>, kStatuses> by_status{};
        std::array<std::atomic<std::uint64_t>, kLatencyBounds.size() + 1> latency{};
        std::atomic<std::uint64_t> nanoseconds{0};
    };

    std::vector<std::pair<std::string, std::string>> routes_;
    std::vector<std::unique_ptr<Slot>> slots_;
};

}  // namespace kiln::api
