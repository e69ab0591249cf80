#pragma once

#include <atomic>
#include <cstdint>

namespace kiln::net {

/// A number that the loop's thread changes and any thread reads.
class Count {
  public:
    void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }

    void take(std::uint64_t n = 1) noexcept { value_.fetch_sub(n, std::memory_order_relaxed); }

    [[nodiscard]] std::uint64_t get() const noexcept {
        return value_.load(std::memory_order_relaxed);
    }

  private:
    std::atomic<std::uint64_t> value_{0};
};

/// See ServerCounters.
struct Counts {
    Count open, accepted, requests, received, sent, answering, streams;
    Count malformed, header_size, body_size, too_slow, connections, connections_of_one, waiting,
        memory, draining;
};

}  // namespace kiln::net
