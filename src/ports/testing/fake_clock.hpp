#pragma once

#include "ports/clock.hpp"

#include <atomic>

namespace kiln::ports::testing {

/// A clock that is cranked by hand. Starts at 2026-01-01T00:00:00Z.
class FakeClock final : public Clock {
  public:
    [[nodiscard]] TimePoint now() const override { return TimePoint{Duration{now_.load()}}; }

    void advance(Duration by) { now_ += by.count(); }

  private:
    std::atomic<std::int64_t> now_{1'767'225'600'000'000};
};

/// Time that passes only when it is told to.
class FakeSteadyClock final : public SteadyClock {
  public:
    [[nodiscard]] Duration now() const override { return Duration{now_.load()}; }

    void advance(Duration by) { now_ += by.count(); }

  private:
    std::atomic<std::int64_t> now_{1'000'000};
};

}  // namespace kiln::ports::testing
