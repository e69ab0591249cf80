#include "http_wire.hpp"
#include "os/interrupt.hpp"
#include "os/slots.hpp"
#include "periodic.hpp"
#include "service.hpp"
#include "worker/bake_consumer.hpp"
#include "world.hpp"

#include <fmt/format.h>

#include <unistd.h>

/// `kiln serve` and `kiln worker`, from start to end.
namespace kiln {

namespace {

/// What is parked when the server ends is answered in so long, and no more.
constexpr std::chrono::seconds kAnswersGoOut{3};

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

std::vector<Chore> World::service_chores() {
    return {
        {"sweep", config_.server_sweep_every, [this](const std::stop_token&) { sweep_at_start(); }},
    };
}

void World::consume(
    const ports::QueueReference& queue, std::size_t concurrency, const cli::ServiceRun& run
) {
    auto& all = parts();
    const os::Slots slots{run_folder() / "slots", config_.bake_concurrency};
    worker::LocalBakeWork work{baker(), slots};
    worker::BakeConsumer consumer{
        {.queues = [this](const auto& wanted) -> auto& {return queue_drivers().of(wanted);
}

, .requests = queue, .work = work, .bakes = all.bakes, .ledger = all.ledger, .clock = clock_,
  .settings = {
      .concurrency = concurrency,
      .max_receives = config_.bakery_max_receives,
      .min_time_left = config_.bakery_min_time_left,
      .drain = config_.server_drain,
      .defaults = request_defaults(config_)},
}  // namespace kiln
}
;
consumer.run(run.stop, run.hasten);
}

void World::serve(const cli::ServeOptions& options, const cli::ServiceRun& run) {
    auto& all = parts();
    auto& bakes = baker();  // before threads ask for it
    Service service{
        {
            .config = config_,
            .version = version_,
            .store = all.store,
            .bakes = all.bakes,
            .images = all.cloud.images,
            .clock = clock_,
            .drivers = queue_drivers(),
            .cancel = [&bakes](const BakeId& id) { bakes.ask_to_end(id); },
        },
        options};
    sweep_at_start();  // messages of dead processes can be given back from here on
    const Periodic chores{service_chores()};
    service.announce();
    run.output.remark(fmt::format("kiln: serving {} (process {})\n", service.url(), ::getpid()));
    if (options.bakery) {
        consume(ports::parse_queue_reference(kRequestQueue), options.concurrency, run);
    }
    wait_for(run.stop);
    service.shutdown(
        Deadline::after(run.hasten.stop_requested() ? std::chrono::seconds{0} : kAnswersGoOut)
    );
}

void World::work(const cli::WorkOptions& options, const cli::ServiceRun& run) {
    const auto queue = ports::parse_queue_reference(options.queue);
    queue_drivers().serve_from(options.server);
    (void)queue_drivers().of(queue);  // out of reach is said now, not in the log
    const Periodic chores{service_chores()};
    run.output.remark(
        fmt::format("kiln: taking requests from {} (process {})\n", queue.shown(), ::getpid())
    );
    consume(queue, options.concurrency, run);
}

}  // namespace kiln
