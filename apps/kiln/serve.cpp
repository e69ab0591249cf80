#include "base/log.hpp"
#include "cli/upkeep.hpp"
#include "http_wire.hpp"
#include "local_states.hpp"
#include "os/interrupt.hpp"
#include "os/slots.hpp"
#include "release_functions.hpp"
#include "release_probe.hpp"
#include "service.hpp"
#include "states_client.hpp"
#include "worker/bake_consumer.hpp"
#include "worker/periodic.hpp"
#include "world.hpp"

#include <fmt/format.h>

#include <sys/resource.h>
#include <unistd.h>

/// `kiln serve` and `kiln worker`, from start to end.
namespace kiln {

namespace {

/// What is parked when the server ends is answered in so long, and no more.
constexpr std::chrono::seconds kAnswersGoOut{3};

/// Each connection is a descriptor; the usual limit of 1024 is for programs that use select(2).
void allow_descriptors(std::size_t connections) {
    constexpr rlim_t kForAllElse = 512;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        throw_errno("ask for the limit of descriptors");
    }
    const auto wanted = static_cast<rlim_t>(connections) + kForAllElse;
    if (limit.rlim_cur < wanted && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = std::min(wanted, limit.rlim_max);
        if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
            throw_errno("raise the limit of descriptors");
        }
    }
    if (limit.rlim_cur < wanted) {
        log_warning(
            "fewer descriptors than server.max_connections wants; ulimit -n",
            {{"limit", std::to_string(limit.rlim_cur)}, {"wanted", std::to_string(wanted)}}
        );
    }
}

/// Bakes, and has what was baked from looked at again by whoever keeps volumes ready.
class WatchedWork final : public worker::BakeWork {
  public:
    WatchedWork(worker::BakeWork& work, std::function<void()> baked)
        : work_{work}, baked_{std::move(baked)} {}

    ports::BakeRecord run(
        const bake::Request& request,
        const bake::Submission& submission,
        const std::stop_token& stop
    ) override {
        auto record = work_.run(request, submission, stop);
        baked_();
        return record;
    }

    ports::BakeRecord settle(const BakeId& id, const std::stop_token& stop) override {
        return work_.settle(id, stop);
    }

  private:
    worker::BakeWork& work_;
    std::function<void()> baked_;
};

void wait_for(const std::stop_token& stop) {
    const os::StopFd stopped{stop};
    (void)os::wait_ready(-1, 0, &stopped, Deadline::never());
}

}  // namespace

QueueDrivers& World::queue_drivers() {
    if (!queue_drivers_) {
        queue_drivers_ = std::make_unique<QueueDrivers>(config_, clock_);
    }
    return *queue_drivers_;
}

cli::Wire& World::wire() {
    if (!wire_) {
        wire_ = std::make_unique<HttpWire>();
    }
    return *wire_;
}

cli::QueueAccess World::queues(const std::optional<std::string>& server) {
    return queue_drivers().of_server(server);
}

cli::StatesApi& World::states(const std::optional<std::string>& server) {
    if (!states_) {
        states_ = std::make_unique<StatesClient>(find_access(config_, server), clock_);
    }
    return *states_;
}

worker::Chore World::sweeping() {
    return {
        "sweep", config_.server_sweep_every, [this](const std::stop_token&) { sweep_at_start(); }};
}

worker::Chore World::upkeep() {
    return {"upkeep", config_.server_upkeep_every, [this](const std::stop_token& stop) {
                (void)cli::upkeep(*this, config_, stop);
                if (hot_) {
                    hot_->look_again();
                }
            }};
}

void World::consume(
    const ports::QueueReference& queue,
    std::size_t concurrency,
    const Notifications& notifications,
    const cli::ServiceRun& run
) {
    auto& all = parts();
    const Notifications::OfBakes telling{notifications, all.stored_bakes};
    keep_volumes_hot();
    const os::Slots slots{run_folder() / "slots", config_.bake_concurrency};
    worker::LocalBakeWork baking{baker(), slots};
    WatchedWork work{baking, [this] {
                         if (hot_) {
                             hot_->look_again();
                         }
                     }};
    worker::BakerySettings settings;
    settings.concurrency = concurrency;
    settings.max_receives = config_.bakery_max_receives;
    settings.min_time_left = config_.bakery_min_time_left;
    settings.drain = config_.server_drain;
    settings.defaults = request_defaults(config_);
    worker::BakeConsumer consumer{worker::Bakery{
        .queues =
            worker::Queues{[this](const ports::QueueReference& wanted) -> ports::MessageQueue& {
                return queue_drivers().of(wanted);
            }},
        .requests = queue,
        .work = work,
        .bakes = all.bakes,
        .ledger = all.ledger,
        .clock = clock_,
        .settings = settings,
    }};
    consumer.run(run.stop, run.hasten);
}

void World::serve(const cli::ServeOptions& options, const cli::ServiceRun& run) {
    allow_descriptors(config_.server_max_connections);
    auto& all = parts();
    auto& bakes = baker();    // before threads ask for it
    std::stop_source ending;  // by whoever ran this process, or by DELETE /
    const std::stop_callback asked{run.stop, [&ending] { ending.request_stop(); }};
    const cli::ServiceRun served{run.output, ending.get_token(), run.hasten};
    Notifications notifications{config_.notify, all.store, clock_, queue_drivers()};
    Service service{
        {
            .config = config_,
            .version = version_,
            .store = all.store,
            .bakes = all.bakes,
            .images = all.cloud.images,
            .tags = all.cloud.tags,
            .machines = machines(),
            .ledger = all.ledger,
            .notifier = notifications.notifier(),
            .clock = clock_,
            .drivers = queue_drivers(),
            .cancel = [&bakes](const BakeId& id) { bakes.ask_to_end(id); },
            .stop = [&ending] { ending.request_stop(); },
        },
        options};
    own_queues_ = &service.queues();
    std::optional<Notifications::Sending> sending{std::in_place, notifications};
    sweep_at_start();  // messages of dead processes can be given back from here on
    const worker::Chore forgetting{
        "state machines", config_.server_upkeep_every, [&service](const std::stop_token&) {
            service.upkeep();
        }};
    std::optional<worker::Periodic> chores{
        std::in_place, std::vector{sweeping(), upkeep(), notifications.forgetting(), forgetting}};
    service.begin_instances();
    LocalStates states{service.api()};
    ReleaseProbe probe{clock_};
    NoFleet fleet;
    std::optional<ReleaseFunctions> releases{std::in_place, states, probe, fleet};
    service.announce();
    run.output.remark(fmt::format("kiln: serving {} (process {})\n", service.url(), ::getpid()));
    if (options.bakery) {
        consume(
            ports::parse_queue_reference(kRequestQueue), options.concurrency, notifications, served
        );
    }
    wait_for(served.stop);
    releases.reset();
    chores.reset();  // they use the queues
    sending.reset();
    own_queues_ = nullptr;
    service.shutdown(
        Deadline::after(run.hasten.stop_requested() ? std::chrono::seconds{0} : kAnswersGoOut)
    );
}

void World::work(const cli::WorkOptions& options, const cli::ServiceRun& run) {
    const auto queue = ports::parse_queue_reference(options.queue);
    queue_drivers().serve_from(options.server);
    queue_drivers().allow(queue);
    (void)queue_drivers().of(queue);  // out of reach is said now, not in the log
    const Notifications notifications{
        config_.notify, parts().store, clock_, queue_drivers()};  // a server of this home sends
    const worker::Periodic chores{{sweeping()}};
    run.output.remark(
        fmt::format("kiln: taking requests from {} (process {})\n", queue.shown(), ::getpid())
    );
    consume(queue, options.concurrency, notifications, run);
}

}  // namespace kiln
