#pragma once

#include "flow/step.hpp"

#include <cstdint>
#include <set>
#include <string>

#include <fmt/format.h>

namespace kiln::flow::testing {

/// A world of virtual time, and of numbers that follow from a seed.
class FakeWorld final : public World {
  public:
    explicit FakeWorld(std::uint64_t seed = 1) : state_{seed} {}

    TimePoint now() override { return time; }

    std::uint64_t random() override {  // splitmix64
        state_ += 0x9E3779B97F4A7C15U;
        auto z = state_;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31U);
    }

    std::uint64_t below(std::uint64_t end) { return random() % end; }

    std::string uuid() override {
        return fmt::format("{:08x}-0000-4000-8000-{:012x}", random() >> 32U, random() >> 16U);
    }

    std::string token(TaskNumber task) override { return fmt::format("token-{}", task); }

    bool activity_exists(std::string_view arn) override {
        return !missing_activities.contains(std::string{arn});
    }

    TimePoint time{std::chrono::hours{24 * 365 * 50}};
    std::set<std::string> missing_activities;

  private:
    std::uint64_t state_;
};

}  // namespace kiln::flow::testing
