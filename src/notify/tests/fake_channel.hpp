#pragma once

#include "base/error.hpp"
#include "base/guarded.hpp"
#include "notify/channel.hpp"

#include <functional>
#include <vector>

namespace kiln::notify::testing {

/// Keeps what it is told, or fails as it is told to.
class FakeChannel final : public Channel {
  public:
    explicit FakeChannel(std::string name = "slack") : name_{std::move(name)} {}

    [[nodiscard]] std::string_view name() const noexcept override { return name_; }

    void send(const Event& event, const std::stop_token& stop, Deadline) override {
        if (fail_with) {
            fail_with(stop);
        }
        told_.lock()->push_back(event);
        if (on_told) {
            on_told();
        }
    }

    [[nodiscard]] std::vector<Event> told() { return *told_.lock(); }

    std::function<void(const std::stop_token&)> fail_with;  ///< may throw
    std::function<void()> on_told;

  private:
    std::string name_;
    Guarded<std::vector<Event>> told_;
};

}  // namespace kiln::notify::testing
