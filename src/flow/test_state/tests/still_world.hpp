#pragma once

#include "flow/step.hpp"

#include <cstdint>
#include <string>

#include <fmt/format.h>

namespace kiln::flow::testing {

/// A world in which time stands still and nothing is drawn twice.
class StillWorld final : public World {
  public:
    TimePoint now() override { return TimePoint{std::chrono::hours{24 * 365 * 50}}; }

    std::uint64_t random() override { return drawn_++; }

    std::string uuid() override { return fmt::format("00000000-0000-4000-8000-{:012x}", drawn_++); }

    std::string token(TaskNumber task) override { return fmt::format("token-{}", task); }

  private:
    std::uint64_t drawn_ = 1;
};

}  // namespace kiln::flow::testing
