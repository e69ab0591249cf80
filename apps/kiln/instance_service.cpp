#include "instance_service.hpp"

#include "base/log.hpp"
#include "instance_aws.hpp"
#include "instances/upkeep.hpp"
#include "os/fd.hpp"

namespace kiln {

namespace {

constexpr std::size_t kAsideThreads = 8;
constexpr std::size_t kMostAside = 10'000;

std::map<std::string, std::string> variables_of(const std::filesystem::path& file) {
    std::map<std::string, std::string> out;
    if (file.empty()) {
        return out;
    }
    try {
        const auto document = parse_json(os::read_file(file));
        std::vector<Problem> problems;
        const auto* object = document.if_object();
        if (object == nullptr) {
            throw Error{ErrorKind::invalid, "it is no JSON object"};
        }
        for (const auto& entry : *object) {
            if (const auto* text = entry.value().if_string()) {
                out.emplace(entry.key(), *text);
            } else {
                problems.push_back({std::string{entry.key()}, "must be a string"});
            }
        }
        if (!problems.empty()) {
            throw Error{"bad variables", std::move(problems)};
        }
    } catch (const Error& error) {
        throw error.while_("instances.variables '" + file.native() + "'");
    }
    return out;
}

std::string template_of(const std::filesystem::path& file) {
    if (file.empty()) {
        return "#!/bin/sh\nexit 0\n";
    }
    try {
        return os::read_file(file);
    } catch (const Error& error) {
        throw error.while_("instances.script");
    }
}

instances::Settings settings_of(const cli::InstancesConfig& config, std::string owner) {
    instances::Settings out;
    out.owner = std::move(owner);
    out.defaults.role = config.role;
    out.defaults.name_template = config.name_template;
    out.defaults.slack_channel = config.channel;
    out.defaults.key_name = config.key;
    out.defaults.most = config.most;
    out.scripts.base_url = config.url;
    out.scripts.source = template_of(config.script);
    out.scripts.variables = variables_of(config.variables);
    out.scripts.expiry = config.expiry;
    out.queues = {config.builds_queue, config.terminations_queue, config.life_cycle_queue};
    out.networks = config.networks;
    out.sns_topics = config.sns_topics;
    return out;
}

notify::Kind kind_of(instances::Notice::Kind kind) {
    using From = instances::Notice::Kind;
    switch (kind) {
        case From::started:
            return notify::Kind::instance_started;
        case From::finished:
            return notify::Kind::instance_finished;
        case From::terminating:
            return notify::Kind::instance_terminating;
        case From::failed:
            return notify::Kind::instance_failed;
        case From::failed_to_terminate:
            return notify::Kind::instance_failed_to_terminate;
        case From::in_service:
            return notify::Kind::instance_in_service;
        case From::out_of_service:
            return notify::Kind::instance_out_of_service;
    }
    return notify::Kind::instance_failed;
}

}  // namespace

void InstanceService::ToldNotices::tell(const instances::Notice& notice) {
    notify::Event event;
    event.kind = kind_of(notice.kind);
    event.key = notice.key;
    event.time = notice.time;
    event.site = notice.site;
    event.env = notice.env;
    event.queue = notice.queue;
    event.role = notice.role;
    event.build = notice.build;
    event.instance = notice.instance;
    event.error = notice.error;
    event.channel = notice.channel;
    notifier_.tell(event);
}

InstanceService::InstanceService(InstanceServiceWorld world)
    : world_{std::move(world)},
      settings_{settings_of(world_.config.instances, world_.owner)},
      builds_{world_.store},
      images_{world_.images, builds_},
      notices_{world_.notifier},
      jobs_{connect_jobs(), settings_.queues},
      parts_{
          .machines = world_.machines,
          .tags = world_.tags,
          .store = builds_,
          .cache = cache_,
          .images = images_,
          .notices = notices_,
          .jobs = jobs_,
          .clock = world_.clock,
          .settings = settings_,
          .aws = instance_aws(settings_.sns_topics, world_.clock)},
      desk_{parts_, world_.stop},
      runner_{parts_},
      aside_{kAsideThreads, kMostAside} {}

/// In kiln's own queues, or on the Redis of the settings.
ports::QueueReference InstanceService::place_of(const std::string& queue) const {
    const auto& server = world_.config.instances.queue_server;
    return ports::parse_queue_reference(server.empty() ? queue : server + "#" + queue);
}

ports::JobQueue& InstanceService::connect_jobs() {
    const auto place = place_of(settings_.queues.builds);
    world_.drivers.allow(place);
    return world_.drivers.jobs_of(place);
}

std::vector<api::Route> InstanceService::routes() {
    return api::instance_routes(
        {.desk = desk_,
         .aside = [this](std::function<void()> work) { return aside_.post(std::move(work)); },
         .is_token = world_.is_token}
    );
}

std::optional<ports::JobFailure> InstanceService::work(const ports::Job& job) {
    try {
        instances::do_job(runner_, job);
        return std::nullopt;
    } catch (const Error& error) {
        return instances::failure_of(error);
    }
}

JobService::Plan InstanceService::job_plan() {
    const auto& queues = settings_.queues;
    JobService::Plan plan;
    for (const auto& name : {queues.builds, queues.terminations, queues.life_cycle}) {
        plan.queues.push_back(place_of(name));
    }
    plan.concurrency = world_.config.instances.workers;
    plan.version = world_.version;
    plan.work = [this](const ports::Job& job, const std::stop_token&) { return work(job); };
    plan.asked_to_stop = world_.stop;
    plan.ledger = &world_.ledger;
    return plan;
}

void InstanceService::begin(const std::string& url) {
    if (settings_.scripts.base_url.empty()) {
        settings_.scripts.base_url = url;
    }
    const auto look = [this](const std::stop_token&) { instances::Upkeep{parts_}.run(); };
    try {
        look({});
    } catch (const Error& error) {
        log_warning(
            "the cloud's instances were not seen; looked at again later", {{"why", error.message()}}
        );
    }
    workers_.emplace(world_.drivers, world_.clock, job_plan());
    chores_.emplace(std::vector<worker::Chore>{
        {"instances", world_.config.instances.sync_every, look}});
}

void InstanceService::close() {
    if (workers_) {
        workers_->drain(world_.config.server_drain, {});
    }
    chores_.reset();
    workers_.reset();
}

}  // namespace kiln
