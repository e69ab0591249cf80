#include "state_machines.hpp"

#include "api/states/service.hpp"
#include "aws/credentials.hpp"
#include "aws/location.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "cli/credentials.hpp"
#include "os/fd.hpp"
#include "queue/uuid.hpp"
#include "server_access.hpp"
#include "tasks/services.hpp"

namespace kiln {

namespace {

constexpr std::size_t kMostWaitingCalls = 100'000;
constexpr Bytes kLongestObject{256U << 20};

std::uint64_t random_bits() {
    std::uint64_t out = 0;
    for (const auto byte : random_bytes<8>()) {
        out = out << 8 | byte;
    }
    return out;
}

std::string new_uuid() {
    thread_local queue::UuidSource ids;
    return ids.next();
}

tasks::HttpTaskSettings http_settings(const cli::Config& config) {
    tasks::HttpTaskSettings out;
    out.origins = config.engine.http_origins;
    out.region = kRegion;
    if (const auto& file = config.engine.http_connections; !file.empty()) {
        try {
            out.connections = tasks::parse_connections(parse_json(os::read_private_file(file)));
        } catch (const Error& error) {
            throw error.while_("engine.http_connections");
        }
    }
    return out;
}

tasks::LambdaFunctions functions_of(const cli::Config& config) {
    return {
        .endpoint = config.engine.lambda_endpoint,
        .urls = tasks::parse_function_urls(config.engine.lambda_functions)};
}

}  // namespace

StateMachines::StateMachines(StateMachinesWorld world)
    : world_{std::move(world)},
      token_key_{cli::load_or_make_token_key(world_.config.home)},
      machine_store_{world_.store},
      flow_store_{world_.store},
      registry_{
          machine_store_,
          world_.clock,
          surroundings(),
          {.place = {"aws", std::string{kRegion}, world_.config.local_account}}},
      definitions_{registry_},
      folders_{world_.config.engine.item_folders},
      items_{find_s3(), folders_},
      engine_{
          {flow_store_, definitions_, runner_, items_, world_.clock, world_.steady},
          engine_settings()},
      watch_{engine_},
      api_{world_.access_key_id},
      callers_{world_.config.engine.callers, kMostWaitingCalls} {
    running_ = &engine_;
    for (auto& arn : registry_.deleting()) {
        engine_.machine_deleted(std::move(arn));
    }
}

machines::Surroundings StateMachines::surroundings() {
    return {
        .uuid = new_uuid,
        .random = random_bits,
        .open_executions = [this](std::string_view machine) -> std::size_t {
            return running_ == nullptr ? 1 : running_->open_executions(machine);
        }};
}

flow::EngineSettings StateMachines::engine_settings() const {
    const auto& engine = world_.config.engine;
    flow::EngineSettings out;
    out.limits.events = engine.most_events;
    out.limits.payload_bytes = engine.most_payload.count;
    out.limits.variable_bytes = engine.most_payload.count;
    out.cached_bytes = engine.cache.count;
    out.most_open = engine.most_open;
    out.kept = engine.keep;
    out.token_secret = token_key_;
    return out;
}

/// As AWS' tools find it; without keys there is none, which is said by the Maps that want it.
tasks::Objects* StateMachines::find_s3() {
    aws::Variables environment;
    for (auto& [name, value] : cli::environment()) {
        environment.insert_or_assign(std::move(name), std::move(value));
    }
    try {
        const auto files = aws::read_shared_files(environment);
        auto keys = aws::find_credentials(environment, files);
        const auto region = aws::configured_region(environment, files);
        s3_.emplace(
            aws::locate("s3", region.value_or(std::string{kRegion}), environment, files),
            aws::ClientWorld{
                .transport = aws::http_transport(
                    {.plain = net::PlainHttp::anywhere, .max_body = kLongestObject}
                ),
                .clock = world_.clock,
                .credentials = std::move(keys)}
        );
    } catch (const Error& error) {
        log_debug("no S3 for distributed Maps", {{"why", error.message()}});
        return nullptr;
    }
    return &buckets_.emplace(*s3_);
}

void StateMachines::EngineWatch::when_over(const std::string& arn, std::function<void()> over) {
    engine_.watch(arn, [gate = gate_, over = std::move(over)](const auto&) { gate->pass(over); });
}

std::unique_ptr<api::AwsService> StateMachines::service() {
    return std::make_unique<api::states::Service>(
        api::states::Service::Parts{registry_, engine_, runner_, world_.clock},
        token_key_,
        api::states::StateTests::Chance{.uuid = new_uuid, .random = random_bits}
    );
}

void StateMachines::connect(api::AwsService& queues, api::AwsService& states, std::string host) {
    api_.set_host(std::move(host));
    api_.serve("sqs", queues);
    api_.serve("sfn", states);
    runner_.serve(tasks::all_services(
        {.api = api_,
         .executions = watch_,
         .bakes = world_.bakes,
         .pool = callers_,
         .clock = world_.clock,
         .transport = aws::http_transport({.plain = net::PlainHttp::anywhere}),
         .functions = functions_of(world_.config),
         .http = http_settings(world_.config)}
    ));
}

void StateMachines::close() {
    if (buckets_) {
        buckets_->stop();
    }
    runner_.close();
    api_.close();
    watch_.close();
}

api::ExecutionGauges StateMachines::gauges() const {
    const auto counters = engine_.counters();
    return {counters.open, counters.cached, counters.events, counters.commits, runner_.under_way()};
}

}  // namespace kiln
