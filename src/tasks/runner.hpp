#pragma once

#include "base/guarded.hpp"
#include "tasks/service.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace kiln::tasks {

/// Hands each call to its service, and knows which calls are under way.
class Runner final : public flow::TaskRunner {
  public:
    Runner() = default;

    ~Runner() override { close(); }

    /// What is served, to be set once: services may need the engine, which needs this. Calls that
    /// came before are begun now.
    void serve(ServiceTable services);

    void run(flow::TaskCall call, Report report) override;
    void cancel(std::int64_t execution, std::int64_t task) override;

    /// Begins and reports nothing from here on, and asks what is under way to stop: before the end
    /// of what services are made of, and of the engine.
    void close();

    [[nodiscard]] std::size_t under_way() const { return state_.lock()->open.size(); }

  private:
    using Key = std::pair<std::int64_t, std::int64_t>;  ///< execution, task

    struct State {
        bool serving = false;
        bool closed = false;
        std::map<Key, JobPtr> open;  ///< those that wait for `serve` among them
    };

    [[nodiscard]] Service* find(const asl::Resource& resource) const;
    void begin(const JobPtr& job);

    ServiceTable services_;  ///< not changed once `serving`
    std::shared_ptr<ReportGate> gate_ = std::make_shared<ReportGate>();
    mutable Guarded<State> state_;
};

}  // namespace kiln::tasks
