#pragma once

#include "bake/baker.hpp"
#include "cache/keep.hpp"
#include "cli/config.hpp"
#include "cli/doctor.hpp"
#include "cli/output.hpp"
#include "cli/parse.hpp"
#include "cli/remote.hpp"
#include "cli/service.hpp"
#include "cli/states_api.hpp"
#include "gc/collect.hpp"
#include "notify/channel.hpp"
#include "ports/bake_store.hpp"
#include "ports/checkpoint_store.hpp"
#include "ports/clock.hpp"
#include "ports/cloud.hpp"
#include "ports/instances.hpp"
#include "ports/job_queue.hpp"
#include "ports/ledger.hpp"
#include "ports/notification_store.hpp"
#include "ports/queue_reference.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace kiln::cli {

/// The world as verbs see it. Each part is opened when it is first asked for, so that a listing
/// opens the store and nothing else. apps/kiln builds it; tests bring fakes.
class Services {
  public:
    virtual ~Services() = default;

    [[nodiscard]] virtual ports::Clock& clock() = 0;
    [[nodiscard]] virtual ports::Cloud cloud() = 0;
    /// The machines of that cloud.
    [[nodiscard]] virtual ports::Machines machines() = 0;
    /// Keeps one instance until it is stopped or terminated (`kiln keep`).
    virtual void keep_instance(const InstanceId& id, const std::stop_token& stop) = 0;
    /// What runs a command inside an instance when the command's words are put behind it;
    /// the calling thread gets the mounts that this needs: it is to become that command.
    /// @throws Error  conflict: it does not run · invalid: no container
    [[nodiscard]] virtual std::vector<std::string> entry_command(
        const InstanceId& id, bool terminal
    ) = 0;
    /// Where its sshd is reached from this host. @throws Error  conflict: it does not run
    [[nodiscard]] virtual std::pair<std::string, std::uint16_t> ssh_address(const InstanceId& id
    ) = 0;
    [[nodiscard]] virtual ports::BakeStore& bakes() = 0;
    [[nodiscard]] virtual ports::CheckpointStore& checkpoints() = 0;
    [[nodiscard]] virtual ports::Ledger& ledger() = 0;
    [[nodiscard]] virtual bake::Baker& baker() = 0;
    [[nodiscard]] virtual gc::World collection() = 0;
    [[nodiscard]] virtual cache::World volume_cache() = 0;

    /// From now on this process holds volumes attached and mounted for the bakes to come
    /// (cache.hot), and makes new ones when they are used. For a process that stays: before its
    /// first bake, and again from time to time. It lets go of them at its end.
    virtual void keep_volumes_hot() = 0;

    /// Undoes everything that the ledger has of a job. @throws Error  the first that could not be
    virtual void undo_job(const JobId& job) = 0;

    /// A folder of the job's, in the ledger already; undone with it.
    [[nodiscard]] virtual std::filesystem::path job_folder(const JobId& job) = 0;

    /// These images were made: is it worth flattening their chains or trimming checkpoints? Then a
    /// child at low priority does it after this process has ended (`kiln gc --maintenance`). The
    /// decision reads a few rows.
    virtual void maintain_if_due(const std::vector<ImageId>& made) = 0;

    /// What `kiln serve` and `kiln worker` do, until stop is requested.
    virtual void serve(const ServeOptions& options, const ServiceRun& run) = 0;
    virtual void work(const WorkOptions& options, const ServiceRun& run) = 0;

    /// The jobs of that queue, which may be on any driver.
    /// @throws Error  invalid: no such driver here · unavailable · denied
    [[nodiscard]] virtual ports::JobQueue& jobs(
        const ports::QueueReference& queue, const std::optional<std::string>& server
    ) = 0;
    /// Takes jobs and has a program do them, until stop is requested.
    virtual void work_jobs(const JobWorkOptions& options, const ServiceRun& run) = 0;

    /// What carries requests to servers.
    [[nodiscard]] virtual Wire& wire() = 0;

    /// The queues of that server, through its API. @throws Error  as find_address
    [[nodiscard]] virtual QueueAccess queues(const std::optional<std::string>& server) = 0;

    /// The state machines of that server. @throws Error  as find_address
    [[nodiscard]] virtual StatesApi& states(const std::optional<std::string>& server) = 0;

    /// What is to be told to somebody outside, and what was.
    [[nodiscard]] virtual ports::NotificationStore& notifications() = 0;

    /// Who is told: the channels that are set up.
    /// @throws Error  invalid: settings, texts · not_found: the file with texts
    [[nodiscard]] virtual std::vector<std::unique_ptr<notify::Channel>> notify_channels() = 0;

    /// Looks at host and store. @param deep  reads every layer file
    [[nodiscard]] virtual HostFacts host_facts(DeepCheck deep, const std::stop_token& stop) = 0;
};

/// What a verb is called with.
struct Context {
    const Grammar& grammar;
    const Arguments& arguments;
    const Settings& settings;
    const Config& config;
    Services& services;
    const Output& output;
    std::string version;
    std::stop_token stop;
    std::stop_token hasten;  ///< asked twice: those who only wait stop waiting
    bool json = false;
    bool quiet = false;
};

/// Someone who owns what a verb makes until `keep()`; what is not kept is undone at the end.
class Job {
  public:
    explicit Job(Services& services) : services_{services} {}

    Job(Job&&) = delete;
    ~Job();

    [[nodiscard]] const JobId& id() const noexcept { return id_; }

    /// These stay for good; the rest is undone now. @throws Error  it could not be undone
    void keep(const std::vector<ports::Resource>& resources);

  private:
    Services& services_;
    JobId id_ = JobId::random();
    bool kept_ = false;
};

}  // namespace kiln::cli
