#pragma once

#include "base/guarded.hpp"
#include "tasks/service.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

namespace kiln::tasks {

/// Hands each call to its service, and knows which calls are under way.
class Runner final : public flow::TaskRunner {
  public:
    Runner() = default;

    ~Runner() override { close(); }

    /// What is served, to be set once, before the first call: services may need the engine, which
    /// needs this.
    void serve(ServiceTable services) { services_ = std::move(services); }

    void run(flow::TaskCall call, Report report) override;
    void cancel(std::int64_t execution, std::int64_t task) override;

    /// Reports nothing from here on, and asks what is under way to stop: before the engine's end.
    void close();

    [[nodiscard]] std::size_t under_way() const { return open_.lock()->size(); }

  private:
    using Key = std::pair<std::int64_t, std::int64_t>;  ///< execution, task

    [[nodiscard]] Service* find(const asl::Resource& resource) const;

    ServiceTable services_;
    std::shared_ptr<ReportGate> gate_ = std::make_shared<ReportGate>();
    mutable Guarded<std::map<Key, JobPtr>> open_;
};

}  // namespace kiln::tasks
