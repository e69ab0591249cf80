#include "service.hpp"

#include "api/bakes.hpp"
#include "api/health.hpp"
#include "api/images.hpp"
#include "api/sqs/service.hpp"
#include "base/log.hpp"
#include "compute/network.hpp"
#include "queue/uuid.hpp"
#include "server_access.hpp"

#include <mutex>

#include <fmt/format.h>

#include <unistd.h>

namespace kiln {

namespace {

/// A batch of messages is 1 MiB; its form, with every byte percent-encoded, three times that.
constexpr Bytes kMaxBody{8U << 20};
constexpr std::size_t kMostQueuesShown = 1000;

queue::Place place_of(const cli::Config& config) {
    return {std::string{kRegion}, config.local_account};
}

api::AccessLog access_log(const cli::Config& config) {
    return config.log_level <= LogLevel::info ? api::AccessLog::yes : api::AccessLog::no;
}

bool is_loopback(const std::string& address) {
    return address.starts_with("127.") || address == "::1";
}

/// Loopback is each machine's own, and all addresses are none: local machines reach this host by
/// its address in their network, which comes with the first of them.
std::string address_for_machines(const cli::Config& config, const std::string& listen) {
    const bool own = !is_loopback(listen) && listen != "0.0.0.0" && listen != "::";
    return own ? listen : compute::home_network(config.home.string()).gateway;
}

/// Asks each queue how full it is; the last answer hands all of them on.
class DepthRound : public std::enable_shared_from_this<DepthRound> {
  public:
    DepthRound(TimePoint now, std::function<void(std::vector<api::QueueGauge>)> done)
        : now_{now}, done_{std::move(done)} {}

    void begin(queue::Engine& engine) {
        auto names = engine.list("", "", kMostQueuesShown).names;
        left_ = names.size();
        if (names.empty()) {
            done_({});
            return;
        }
        for (const auto& name : names) {
            engine.depths(
                name,
                [self = shared_from_this(), name](const queue::Outcome<queue::Depths>& outcome) {
                    self->take(name, outcome);
                }
            );
        }
    }

  private:
    void take(const std::string& name, const queue::Outcome<queue::Depths>& outcome) {
        const std::lock_guard lock{mutex_};
        if (const auto* depths = std::get_if<queue::Depths>(&outcome)) {
            api::QueueGauge gauge{
                name, depths->visible, depths->in_flight, depths->delayed, std::nullopt};
            if (depths->oldest) {
                gauge.oldest_age = now_ - *depths->oldest;
            }
            gauges_.push_back(std::move(gauge));
        }
        if (--left_ == 0) {
            done_(std::move(gauges_));
        }
    }

    TimePoint now_;
    std::function<void(std::vector<api::QueueGauge>)> done_;
    std::mutex mutex_;  ///< guards what follows
    std::size_t left_ = 0;
    std::vector<api::QueueGauge> gauges_;
};

}  // namespace

worker::RequestDefaults request_defaults(const cli::Config& config) {
    return {config.bake_deadline, config.bake_hang_after};
}

Service::Service(ServiceWorld world, const cli::ServeOptions& options)
    : world_{std::move(world)},
      started_{world_.clock.now()},
      seat_{world_.config.home},
      credentials_{cli::load_or_make_credentials(world_.config.home)},
      queue_store_{world_.store},
      engine_{queue_store_, world_.clock, steady_},
      queue_{engine_, world_.clock},
      own_queues_{world_.drivers, queue_, world_.config.bakery_max_receives},
      hub_{world_.bakes, world_.config.home / "run"},
      bake_tasks_{
          world_.bakes,
          [this](const auto& request, const auto& key) { return submit(request, key); },
          world_.cancel},
      state_machines_{
          {.config = world_.config,
           .store = world_.store,
           .clock = world_.clock,
           .steady = steady_,
           .bakes = bake_tasks_,
           .access_key_id = credentials_.access_key_id}},
      token_{credentials_.token},
      instances_{
          {.config = world_.config,
           .store = world_.store,
           .images = world_.images,
           .tags = world_.tags,
           .machines = world_.machines,
           .ledger = world_.ledger,
           .notifier = world_.notifier,
           .clock = world_.clock,
           .drivers = world_.drivers,
           .version = world_.version,
           .owner = credentials_.access_key_id,
           .is_token = [this](std::string_view text) { return token_.is_token(text); },
           .stop = world_.stop}},
      authenticator_{
          {{credentials_.access_key_id, credentials_.secret_access_key, ""}},
          std::string{kRegion},
          world_.clock},
      aws_router_{aws_services(), authenticator_},
      aws_part_{
          [](const net::Request& request) { return api::AwsRouter::is_aws(request); },
          [this](net::Request request, net::Responder responder) {
              thread_local queue::UuidSource ids;
              aws_router_.handle(std::move(request), std::move(responder), ids.next());
          }},
      router_{token_, routes()},
      front_{router_, aws_part_, access_log(world_.config)},
      server_{
          server_options(options),
          [this](net::Request request, net::Responder responder) {
              front_.handle(std::move(request), std::move(responder));
          }},
      url_{cli::local_url({options.listen.address, server_.port()}, !options.tls_cert.empty())},
      machines_url_{cli::local_url(
          {address_for_machines(world_.config, options.listen.address), server_.port()},
          !options.tls_cert.empty()
      )} {
    world_.bakes.tell(&hub_);
    state_machines_.connect(*sqs_, *states_, url_.substr(url_.find("://") + 3));
}

std::vector<std::unique_ptr<api::AwsService>> Service::aws_services() {
    std::vector<std::unique_ptr<api::AwsService>> services;
    services.push_back(std::make_unique<api::sqs::Service>(engine_, place_of(world_.config)));
    services.push_back(state_machines_.service());
    sqs_ = services[0].get();
    states_ = services[1].get();
    return services;
}

Service::OwnQueues::OwnQueues(
    QueueDrivers& drivers, queue::EmbeddedQueue& queue, std::int64_t max_receives
)
    : drivers_{drivers} {
    worker::make_request_queues(queue, std::string{kRequestQueue}, max_receives);
    drivers_.embed(&queue, &queue);
}

ports::BakeRecord Service::submit(const std::string& body, const std::optional<std::string>& key) {
    const worker::Queues queues = [this](const ports::QueueReference& queue) -> auto& {
        return world_.drivers.of(queue);
    };
    return worker::submit(
        {queues, world_.bakes, world_.clock, request_defaults(world_.config)},
        ports::parse_queue_reference(kRequestQueue),
        body,
        key
    );
}

Service::~Service() {
    world_.bakes.tell(nullptr);
}

net::ServerOptions Service::server_options(const cli::ServeOptions& options) const {
    net::ServerOptions out;
    out.address = options.listen.address;
    out.port = options.listen.port;
    out.max_body = kMaxBody;
    out.max_connections = world_.config.server_max_connections;
    if (is_loopback(options.listen.address)) {
        out.also = address_for_machines(world_.config, options.listen.address);
    }
    if (!options.tls_cert.empty()) {
        out.tls = net::TlsFiles{options.tls_cert, options.tls_key};
    }
    return out;
}

std::vector<api::Route> Service::routes() {
    auto all = api::health_routes({
        .version = world_.version,
        .check =
            [this] {
                ports::BakeFilter one;
                one.limit = 1;
                (void)world_.bakes.list(one);
            },
        .metrics = [this](auto done) { gather_metrics(std::move(done)); },
    });
    const auto add = [&](std::vector<api::Route> more) {
        all.insert(
            all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end())
        );
    };
    add(api::bake_routes({
        .bakes = world_.bakes,
        .events = hub_,
        .submit = [this](const auto& body, const auto& key) { return submit(body, key); },
        .cancel = world_.cancel,
    }));
    add(api::image_routes(world_.images));
    add(instances_.routes());
    return all;
}

api::MetricsFacts Service::known_metrics() const {
    api::MetricsFacts facts;
    facts.version = world_.version;
    facts.started = started_;
    facts.server = server_.counters();
    facts.routes = front_.counters().read();
    for (const auto& [state, number] : world_.bakes.count()) {
        facts.bakes.emplace_back(ports::to_string(state), number);
    }
    facts.event_followers = hub_.followers();
    facts.store_commits = world_.store.writer().commits();
    facts.executions = state_machines_.gauges();
    facts.process = api::process_facts();
    return facts;
}

void Service::gather_metrics(std::function<void(api::MetricsFacts)> done) {
    auto facts = std::make_shared<api::MetricsFacts>(known_metrics());
    std::make_shared<DepthRound>(
        world_.clock.now(),
        [facts, done = std::move(done)](std::vector<api::QueueGauge> gauges) {
            facts->queues = std::move(gauges);
            done(std::move(*facts));
        }
    )->begin(engine_);
}

void Service::begin_instances() {
    instances_.begin(machines_url_);
}

void Service::announce() {
    seat_.announce({url_, ::getpid(), started_});
}

void Service::shutdown(Deadline deadline) {
    instances_.close();  // its workers wait at the queues
    server_.shutdown(deadline, [this] {
        engine_.release_waiting();
        state_machines_.release_polls();
        hub_.close();
    });
    state_machines_.close();
}

}  // namespace kiln
