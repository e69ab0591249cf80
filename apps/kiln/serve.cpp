#include "http_wire.hpp"
#include "os/interrupt.hpp"
#include "periodic.hpp"
#include "service.hpp"
#include "world.hpp"

#include <fmt/format.h>

#include <unistd.h>

/// `kiln serve`: the service, the bakery in its process, and chores, from start to end.
namespace kiln {

namespace {

/// What is parked is answered in so long, and no more.
constexpr std::chrono::seconds kAnswersGoOut{3};

Error with_remedy(const Error& error, const cli::ServeOptions& options) {
    if (error.kind() == ErrorKind::conflict && error.hint().empty()) {
        return Error{error}.hint(fmt::format(
            "another program listens on port {}; choose another one with --listen {}:PORT",
            options.listen.port,
            options.listen.address
        ));
    }
    return error;
}

}  // namespace

void World::serve(const cli::ServeOptions& options, const cli::ServiceRun& run) {
    auto& all = parts();
    (void)sweeper();
    std::optional<Service> service;
    try {
        service.emplace(
            ServiceWorld{
                .config = config_,
                .version = version_,
                .store = all.store,
                .bakes = all.bakes,
                .images = all.cloud.images,
                .clock = clock_,
                .cancel = [this](const BakeId& id) { baker_->ask_to_end(id); },
            },
            options
        );
    } catch (const Error& error) {
        throw with_remedy(error, options);
    }
    const Periodic chores{{
        {"sweep", config_.server_sweep_every, [this](const std::stop_token&) { sweep_at_start(); }},
    }};
    service->announce();
    run.output.remark(fmt::format("kiln: serving {} (process {})\n", service->url(), ::getpid()));
    const os::StopFd stop{run.stop};
    (void)os::wait_ready(-1, 0, &stop, Deadline::never());
    service->shutdown(
        Deadline::after(run.hasten.stop_requested() ? std::chrono::seconds{0} : kAnswersGoOut)
    );
}

void World::work(const cli::WorkOptions& options, const cli::ServiceRun&) {
    throw Error{ErrorKind::unavailable, "no worker for " + options.queue};
}

cli::Wire& World::wire() {
    if (!wire_) {
        wire_ = std::make_unique<HttpWire>();
    }
    return *wire_;
}

QueueDrivers& World::queue_drivers() {
    if (!queue_drivers_) {
        queue_drivers_ = std::make_unique<QueueDrivers>(config_, clock_);
    }
    return *queue_drivers_;
}

cli::QueueAccess World::queues(const std::optional<std::string>& server) {
    return queue_drivers().of_server(server);
}

}  // namespace kiln
