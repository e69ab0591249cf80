#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace kiln::worker {

/// Something that a long-running process does again and again.
struct Chore {
    std::string name;
    std::chrono::milliseconds every{};
    std::function<void(const std::stop_token&)> work;
};

/// When each chore is due, on a clock that the caller brings. Pure.
class Timetable {
  public:
    using Time = std::chrono::steady_clock::time_point;

    /// The first time of each is one period from `now`.
    Timetable(std::vector<std::chrono::milliseconds> periods, Time now);

    [[nodiscard]] Time next() const;
    /// The chores that are due; what was missed meanwhile is done once.
    [[nodiscard]] std::vector<std::size_t> take_due(Time now);

  private:
    std::vector<std::chrono::milliseconds> periods_;
    std::vector<Time> due_;
};

/// A thread that does chores, one at a time, while it lives. One that fails is logged and done
/// again when its time comes.
class Periodic {
  public:
    explicit Periodic(std::vector<Chore> chores);
    Periodic(Periodic&&) = delete;

    /// Does what is under way to its end, or cancels it by its stop token.
    ~Periodic() = default;

  private:
    void run(const std::stop_token& stop);

    std::vector<Chore> chores_;
    std::jthread thread_;
};

}  // namespace kiln::worker
