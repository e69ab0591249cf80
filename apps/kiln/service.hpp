#pragma once

#include "api/aws_router.hpp"
#include "api/event_hub.hpp"
#include "api/front.hpp"
#include "api/metrics.hpp"
#include "api/told_bake_store.hpp"
#include "cli/config.hpp"
#include "cli/credentials.hpp"
#include "cli/server_note.hpp"
#include "cli/service.hpp"
#include "instance_service.hpp"
#include "net/server.hpp"
#include "ports/clock.hpp"
#include "ports/cloud.hpp"
#include "queue/embedded_queue.hpp"
#include "queue/engine.hpp"
#include "queue_drivers.hpp"
#include "sqlite/queue_store.hpp"
#include "state_machines.hpp"
#include "worker/submit.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace kiln {

/// What the service needs of the rest of the process. All outlives it.
struct ServiceWorld {
    const cli::Config& config;
    const std::string& version;
    sqlite::Store& store;
    api::ToldBakeStore& bakes;
    ports::Images& images;
    ports::TagStore& tags;
    ports::Machines machines;
    ports::Ledger& ledger;
    notify::Notifier& notifier;
    ports::Clock& clock;
    QueueDrivers& drivers;
    std::function<void(const BakeId&)> cancel;  ///< asks for a bake's end
    std::function<void()> stop;                 ///< begins the end of this process
};

/// The queue that requests for bakes go through.
inline constexpr std::string_view kRequestQueue = "bakes";

/// What fills in for keys that a request leaves out. Pure.
[[nodiscard]] worker::RequestDefaults request_defaults(const cli::Config& config);

/// The server of a home folder: embedded queues, the routes, the port. Built in the order of its
/// members, ended in reverse.
class Service {
  public:
    /// Owns the home's queues and serves from here on; nothing is announced yet.
    /// @throws Error  conflict: another server of this home, or the port is in use · denied ·
    ///                invalid: address, certificate · corrupt: credentials
    Service(ServiceWorld world, const cli::ServeOptions& options);
    Service(Service&&) = delete;
    ~Service();

    /// The home's queues, for those of this process that wait.
    [[nodiscard]] queue::EmbeddedQueue& queues() noexcept { return queue_; }

    [[nodiscard]] const std::string& url() const noexcept { return url_; }

    /// This process' APIs, called from within; until `shutdown`.
    [[nodiscard]] tasks::ApiCaller& api() noexcept { return state_machines_.api(); }

    /// Other commands of this host find the server from here on.
    void announce();

    /// The instance API's jobs are done from here on.
    void begin_instances();

    /// To be called now and then.
    void upkeep() { state_machines_.upkeep(); }

    /// Accepts no more, answers what is parked, and ends.
    void shutdown(Deadline deadline);

  private:
    /// kiln's own queues are this process' own while this lives; those for requests are there.
    class OwnQueues {
      public:
        OwnQueues(QueueDrivers& drivers, queue::EmbeddedQueue& queue, std::int64_t max_receives);
        OwnQueues(OwnQueues&&) = delete;

        ~OwnQueues() { drivers_.embed(nullptr, nullptr); }

      private:
        QueueDrivers& drivers_;
    };

    [[nodiscard]] ports::BakeRecord submit(
        const std::string& body, const std::optional<std::string>& key
    );
    [[nodiscard]] std::vector<api::Route> routes();
    [[nodiscard]] net::ServerOptions server_options(const cli::ServeOptions& options) const;
    /// Each of AWS' APIs; tasks of state machines call them, too.
    [[nodiscard]] std::vector<std::unique_ptr<api::AwsService>> aws_services();
    void gather_metrics(std::function<void(api::MetricsFacts)> done);
    [[nodiscard]] api::MetricsFacts known_metrics() const;

    ServiceWorld world_;
    TimePoint started_;
    cli::ServerSeat seat_;
    cli::Credentials credentials_;
    ports::MachineSteadyClock steady_;
    sqlite::SqliteQueueStore queue_store_;
    queue::Engine engine_;
    queue::EmbeddedQueue queue_;
    OwnQueues own_queues_;
    api::EventHub hub_;
    BakeTasks bake_tasks_;
    StateMachines state_machines_;
    api::TokenAuth token_;
    InstanceService instances_;
    api::AwsAuthenticator authenticator_;
    api::AwsService* sqs_ = nullptr;  ///< both are the router's
    api::AwsService* states_ = nullptr;
    api::AwsRouter aws_router_;
    api::AwsPart aws_part_;
    api::Router router_;
    api::Front front_;
    net::Server server_;
    std::string url_;
    std::string machines_url_;  ///< as local machines reach it
};

}  // namespace kiln
