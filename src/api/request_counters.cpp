#include "api/request_counters.hpp"

#include <algorithm>

namespace kiln::api {

RequestCounters::RequestCounters(std::vector<std::pair<std::string, std::string>> routes)
    : routes_{std::move(routes)} {
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        slots_.push_back(std::make_unique<Slot>());
    }
}

void RequestCounters::count(
    std::size_t route, unsigned status, std::chrono::nanoseconds took
) noexcept {
    auto& slot = *slots_[route];
    const auto index = std::clamp(status, kLowest, kLowest + kStatuses - 1) - kLowest;
    slot.by_status[index].fetch_add(1, std::memory_order_relaxed);
    const auto seconds = std::chrono::duration<double>(took).count();
    const auto* bound = std::lower_bound(kLatencyBounds.begin(), kLatencyBounds.end(), seconds);
    const auto bucket = static_cast<std::size_t>(bound - kLatencyBounds.begin());
    slot.latency[bucket].fetch_add(1, std::memory_order_relaxed);
    slot.nanoseconds.fetch_add(
        static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0)),
        std::memory_order_relaxed
    );
}

std::vector<RouteCounts> RequestCounters::read() const {
    constexpr double kNanosecond = 1e-9;
    std::vector<RouteCounts> all;
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        RouteCounts counts;
        counts.method = routes_[i].first;
        counts.route = routes_[i].second;
        for (unsigned status = 0; status < kStatuses; ++status) {
            const auto number = slots_[i]->by_status[status].load(std::memory_order_relaxed);
            if (number > 0) {
                counts.by_status.emplace_back(kLowest + status, number);
            }
        }
        for (std::size_t bucket = 0; bucket < counts.latency.size(); ++bucket) {
            counts.latency[bucket] = slots_[i]->latency[bucket].load(std::memory_order_relaxed);
        }
        counts.latency_sum =
            kNanosecond *
            static_cast<double>(slots_[i]->nanoseconds.load(std::memory_order_relaxed));
        all.push_back(std::move(counts));
    }
    return all;
}

}  // namespace kiln::api
