#pragma once

#include "api/aws_service.hpp"
#include "api/metrics.hpp"
#include "aws/s3_client.hpp"
#include "bake_tasks.hpp"
#include "cli/config.hpp"
#include "flow/engine/engine.hpp"
#include "local_api.hpp"
#include "machines/registry.hpp"
#include "ports/clock.hpp"
#include "sqlite/flow_store.hpp"
#include "sqlite/machine_store.hpp"
#include "tasks/call_pool.hpp"
#include "tasks/execution_watch.hpp"
#include "tasks/item_source.hpp"
#include "tasks/runner.hpp"

#include <memory>
#include <optional>
#include <string>

namespace kiln {

/// What the state machines of a home need of the rest of the service. All outlives them.
struct StateMachinesWorld {
    const cli::Config& config;
    sqlite::Store& store;
    const ports::Clock& clock;
    const ports::SteadyClock& steady;
    BakeTasks& bakes;
    std::string access_key_id;  ///< in whose name tasks call this process' APIs
};

/// The registry of state machines, the engine that runs them, and what their tasks call. Built in
/// the order of its members, ended in reverse.
class StateMachines {
  public:
    /// What waits goes on from here; tasks are begun with `connect`.
    /// @throws Error  by the store · denied, corrupt: the key of tokens · invalid: settings
    explicit StateMachines(StateMachinesWorld world);
    StateMachines(StateMachines&&) = delete;

    ~StateMachines() { close(); }

    /// Step Functions' API on them.
    [[nodiscard]] std::unique_ptr<api::AwsService> service();

    /// Tasks call these from here on.
    /// @param host  the server's own, "127.0.0.1:9324"
    void connect(api::AwsService& queues, api::AwsService& states, std::string host);

    /// This process' APIs, called from within.
    [[nodiscard]] tasks::ApiCaller& api() noexcept { return api_; }

    /// Tasks are begun and reported no more. To be called when the server answers nobody any more.
    void close();

    /// Machines whose executions have ended go, and what nothing refers to any more. To be called
    /// now and then.
    void upkeep() {
        registry_.forget_ended();
        registry_.forget_retired();
    }

    /// Answers those who poll for tasks.
    void release_polls() { engine_.release_polls(); }

    [[nodiscard]] api::ExecutionGauges gauges() const;

  private:
    /// Definitions from the registry.
    class RegistryDefinitions final : public flow::Definitions {
      public:
        explicit RegistryDefinitions(machines::Registry& registry) : registry_{registry} {}

        [[nodiscard]] asl::StateMachinePtr revision(std::int64_t number) override {
            return registry_.revision(number);
        }

        [[nodiscard]] bool has_activity(std::string_view arn) override {
            return registry_.has_activity(arn);
        }

      private:
        machines::Registry& registry_;
    };

    /// Ends of executions from the engine.
    class EngineWatch final : public tasks::ExecutionWatch {
      public:
        explicit EngineWatch(flow::Engine& engine) : engine_{engine} {}

        void when_over(const std::string& arn, std::function<void()> over) override;

        void close() { gate_->close(); }

      private:
        flow::Engine& engine_;
        std::shared_ptr<tasks::ReportGate> gate_ = std::make_shared<tasks::ReportGate>();
    };

    [[nodiscard]] machines::Surroundings surroundings();
    [[nodiscard]] flow::EngineSettings engine_settings() const;
    [[nodiscard]] tasks::Objects* find_s3();

    StateMachinesWorld world_;
    std::string token_key_;
    flow::Engine* running_ = nullptr;  ///< once it is there
    sqlite::SqliteMachineStore machine_store_;
    sqlite::SqliteFlowStore flow_store_;
    machines::Registry registry_;
    RegistryDefinitions definitions_;
    tasks::Runner runner_;
    std::optional<aws::S3Client> s3_;
    std::optional<tasks::S3Objects> buckets_;
    tasks::FolderObjects folders_;
    tasks::BucketItems items_;
    flow::Engine engine_;
    EngineWatch watch_;
    LocalApi api_;
    tasks::CallPool callers_;
};

}  // namespace kiln
