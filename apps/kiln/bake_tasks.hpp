#pragma once

#include "api/told_bake_store.hpp"
#include "base/guarded.hpp"
#include "tasks/bakes.hpp"

#include <condition_variable>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace kiln {

/// The bakery, for tasks of state machines. One thread looks at bakes that somebody waits for: at
/// once when this process has stored something of them, and from time to time, since other
/// processes bake too.
class BakeTasks final : public tasks::Bakes {
  public:
    using Submit =
        std::function<ports::BakeRecord(const std::string& request, const std::string& key)>;

    /// @param bakes       outlives this; it is listened to
    /// @param look_every  what other processes store is noticed after so long
    BakeTasks(
        api::ToldBakeStore& bakes,
        Submit submit,
        std::function<void(const BakeId&)> cancel,
        Duration look_every = std::chrono::seconds{2}
    );
    BakeTasks(BakeTasks&&) = delete;
    ~BakeTasks() override;  ///< those who wait hear nothing

    [[nodiscard]] json::object submit(const std::string& request, const std::string& key) override;
    void when_over(const std::string& bake, std::function<void(Outcome)> over) override;
    void cancel(const std::string& bake) override;

  private:
    using Waiting = std::map<BakeId, std::vector<std::function<void(Outcome)>>>;

    struct State {
        Waiting waiting;
        bool look = false;
        bool stopped = false;
    };

    void watch();
    void look_at_all();

    api::ToldBakeStore& bakes_;
    Submit submit_;
    std::function<void(const BakeId&)> cancel_;
    Duration look_every_;
    Guarded<State> state_;
    std::condition_variable changed_;
    std::thread thread_;
};

}  // namespace kiln
