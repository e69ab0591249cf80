#pragma once

#include "base/time.hpp"

namespace kiln::ports {

/// The time of day, injected.
class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual TimePoint now() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
  public:
    [[nodiscard]] TimePoint now() const override {
        return std::chrono::floor<Duration>(std::chrono::system_clock::now());
    }
};

/// Time that passes evenly whatever the time of day is set to, from some start. Injected.
class SteadyClock {
  public:
    virtual ~SteadyClock() = default;
    [[nodiscard]] virtual Duration now() const = 0;
};

/// The machine's, which stands still while the machine is suspended.
class MachineSteadyClock final : public SteadyClock {
  public:
    [[nodiscard]] Duration now() const override {
        return std::chrono::floor<Duration>(std::chrono::steady_clock::now().time_since_epoch());
    }
};

}  // namespace kiln::ports
