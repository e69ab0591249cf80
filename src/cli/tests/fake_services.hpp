#pragma once

#include "base/error.hpp"
#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/memory_bakes.hpp"
#include "ports/testing/memory_ledger.hpp"
#include "ports/testing/memory_machines.hpp"
#include "ports/testing/memory_notification_store.hpp"
#include "ports/testing/memory_queues.hpp"
#include "ports/testing/memory_volume_cache.hpp"
#include "ports/testing/pushed_jobs.hpp"

#include <map>

namespace kiln::cli::testing {

/// Images in memory.
class FakeImages final : public ports::Images {
  public:
    ports::Image register_image(const ports::ImageSpec&) override { return {}; }

    std::vector<ports::Image> describe(const ports::ImageFilter& filter) override {
        std::vector<ports::Image> found;
        for (const auto& [id, image] : images) {
            if (ports::matches(filter, image)) {
                found.push_back(image);
            }
        }
        return found;
    }

    void deregister(const ImageId& id) override { images.erase(id); }

    void
    share(const ImageId& id, const std::vector<std::string>& add, const std::vector<std::string>&)
        override {
        images.at(id).shared_with = add;
    }

    void rename(const ImageId& id, const std::string& name) override { images.at(id).name = name; }

    std::map<ImageId, ports::Image> images;
};

/// Volumes in memory: what the tests ask for and nothing else.
class FakeVolumes final : public ports::Volumes {
  public:
    ports::Volume create(const ports::VolumeSpec& spec, Deadline) override {
        if (fail) {
            throw Error{ErrorKind::exhausted, "no room"};
        }
        ports::Volume volume;
        volume.id = VolumeId::random();
        volume.size = spec.size.value_or(Bytes{});
        volume.state = ports::VolumeState::available;
        volumes[volume.id] = volume;
        return volume;
    }

    std::vector<ports::Volume> describe(const std::vector<VolumeId>& ids) override {
        std::vector<ports::Volume> found;
        for (const auto& [id, volume] : volumes) {
            if (ids.empty() || std::find(ids.begin(), ids.end(), id) != ids.end()) {
                found.push_back(volume);
            }
        }
        return found;
    }

    void remove(const VolumeId& id, Deadline) override { volumes.erase(id); }

    bool fail = false;
    std::map<VolumeId, ports::Volume> volumes;
};

class FakeSnapshots final : public ports::Snapshots {
  public:
    ports::Snapshot create(const ports::SnapshotSpec&, Deadline) override { return {}; }

    std::vector<ports::Snapshot> describe(const std::vector<SnapshotId>&) override { return {}; }

    void remove(const SnapshotId& id, Deadline) override { removed.push_back(id); }

    void share(const SnapshotId&, const std::vector<std::string>&) override {}

    std::vector<SnapshotId> removed;
};

class FakeTags final : public ports::TagStore {
  public:
    void set(const std::string& resource, const ports::Tags& tags) override {
        set_on[resource] = tags;
    }

    void unset(const std::string&, const std::vector<std::string>&) override {}

    std::map<std::string, ports::Tags> set_on;
};

class FakeAttachments final : public ports::Attachments {
  public:
    std::unique_ptr<ports::AttachedVolume> attach(const ports::AttachSpec&, Deadline) override {
        throw Error{ErrorKind::denied, "nothing is attached in a unit test"};
    }
};

/// State machines that answer by script.
class ScriptedStates final : public StatesApi {
  public:
    json::object call(
        std::string_view operation,
        const json::object& input,
        const std::stop_token&,
        std::chrono::seconds
    ) override {
        asked.emplace_back(std::string{operation}, input);
        const auto next = answers.find(operation);
        if (next == answers.end() || next->second.empty()) {
            throw states_error("Unexpected", operation, ErrorKind::internal);
        }
        auto answer = parse_json(next->second.front()).as_object();
        if (next->second.size() > 1) {  // the last one stays
            next->second.erase(next->second.begin());
        }
        return answer;
    }

    std::map<std::string, std::vector<std::string>, std::less<>> answers;
    std::vector<std::pair<std::string, json::object>> asked;
};

/// Everything of a cloud in memory, shared by the command lines of one test.
struct FakeWorld {
    FakeImages images;
    FakeVolumes volumes;
    FakeSnapshots snapshots;
    FakeTags tags;
    FakeAttachments attachments;
    ports::testing::MemoryBakeStore bakes;
    ports::testing::MemoryCheckpointStore checkpoints;
    ports::testing::FakeClock clock;
    ports::testing::MemoryMachines machines{clock};
    ports::testing::MemoryLedger ledger{HolderId::random(), clock};
    ports::testing::MemoryVolumeCache cache{ledger};
    HostFacts facts;
    std::vector<JobId> undone;
    ports::testing::MemoryQueues queues{clock};
    std::vector<std::string> servers;  ///< whose queues were asked for
    ScriptedStates states;
    ports::testing::MemoryNotificationStore notifications;
    std::vector<std::unique_ptr<notify::Channel>> channels;
    std::vector<ServeOptions> served;
    std::vector<WorkOptions> worked;
    ports::testing::PushedJobs jobs;
    std::vector<std::string> job_queues;  ///< that were asked for
    std::vector<JobWorkOptions> worked_jobs;
};

class FakeServices final : public Services {
  public:
    explicit FakeServices(FakeWorld& world) : world_{world} {}

    ports::Clock& clock() override { return world_.clock; }

    ports::Cloud cloud() override {
        return {
            "fake",
            world_.volumes,
            world_.attachments,
            world_.snapshots,
            world_.images,
            world_.tags};
    }

    ports::Machines machines() override { return world_.machines.machines(); }

    void keep_instance(const InstanceId&, const std::stop_token&) override {}

    std::vector<std::string> entry_command(const InstanceId&, bool) override { return {"true"}; }

    std::pair<std::string, std::uint16_t> ssh_address(const InstanceId&) override {
        return {"10.64.0.2", std::uint16_t{22}};
    }

    ports::BakeStore& bakes() override { return world_.bakes; }

    ports::CheckpointStore& checkpoints() override { return world_.checkpoints; }

    ports::Ledger& ledger() override { return world_.ledger; }

    bake::Baker& baker() override {
        throw Error{ErrorKind::unavailable, "no baker in a unit test"};
    }

    gc::World collection() override {
        return {
            world_.images,
            world_.snapshots,
            world_.bakes,
            world_.checkpoints,
            world_.clock,
            {},
            {},
            {},
            {},
            nullptr,
            nullptr};
    }

    cache::World volume_cache() override {
        return {
            cloud_,
            world_.ledger,
            world_.cache,
            world_.bakes,
            world_.clock,
            {},
            [this](const JobId& job) { undo_job(job); },
            {},
            {}};
    }

    void keep_volumes_hot() override {}

    void undo_job(const JobId& job) override { world_.undone.push_back(job); }

    std::filesystem::path job_folder(const JobId&) override { return {}; }

    void maintain_if_due(const std::vector<ImageId>&) override {}

    void serve(const ServeOptions& options, const ServiceRun&) override {
        world_.served.push_back(options);
    }

    void work(const WorkOptions& options, const ServiceRun&) override {
        world_.worked.push_back(options);
    }

    Wire& wire() override { throw Error{ErrorKind::unavailable, "no network in a unit test"}; }

    QueueAccess queues(const std::optional<std::string>& server) override {
        world_.servers.push_back(server.value_or(""));
        return {world_.queues, world_.queues};
    }

    ports::JobQueue& jobs(
        const ports::QueueReference& queue, const std::optional<std::string>& server
    ) override {
        world_.job_queues.push_back(queue.str());
        world_.servers.push_back(server.value_or(""));
        return world_.jobs;
    }

    void work_jobs(const JobWorkOptions& options, const ServiceRun&) override {
        world_.worked_jobs.push_back(options);
    }

    ports::NotificationStore& notifications() override { return world_.notifications; }

    std::vector<std::unique_ptr<notify::Channel>> notify_channels() override {
        return std::move(world_.channels);
    }

    StatesApi& states(const std::optional<std::string>& server) override {
        world_.servers.push_back(server.value_or(""));
        return world_.states;
    }

    HostFacts host_facts(DeepCheck, const std::stop_token&) override { return world_.facts; }

  private:
    FakeWorld& world_;
    ports::Cloud cloud_ = cloud();
};

}  // namespace kiln::cli::testing
