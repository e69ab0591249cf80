#pragma once

#include "instances/desk.hpp"
#include "instances/runner.hpp"
#include "instances/tests/fake_machines.hpp"
#include "instances/upkeep.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/fake_cloud.hpp"
#include "ports/testing/memory_instance_builds.hpp"

#include <deque>
#include <memory>

namespace kiln::instances::testing {

/// The store, with the fuse before and after each change.
class BurningStore final : public ports::InstanceBuildStore {
  public:
    BurningStore(Fuse& fuse, ports::InstanceBuildStore& inner) : fuse_{fuse}, inner_{inner} {}

    bool insert(const ports::InstanceBuildRow& row) override {
        return burning(fuse_, [&] { return inner_.insert(row); });
    }

    std::optional<ports::InstanceBuildRow> find(const std::string& id) override {
        return inner_.find(id);
    }

    std::vector<ports::InstanceBuildRow> list(const ports::InstanceBuildFilter& filter) override {
        return inner_.list(filter);
    }

    std::int64_t change(const ports::InstanceBuildChange& change) override {
        return burning(fuse_, [&] { return inner_.change(change); });
    }

    std::size_t forget(TimePoint before) override { return inner_.forget(before); }

    void clear_scripts(TimePoint expired) override { inner_.clear_scripts(expired); }

    std::optional<ports::InitScriptRow> find_script(const std::string& build) override {
        return inner_.find_script(build);
    }

    std::optional<ports::InstanceNoteRow> find_instance(const std::string& id) override {
        return inner_.find_instance(id);
    }

    std::vector<ports::InstanceNoteRow> live_instances() override {
        return inner_.live_instances();
    }

    std::vector<ports::InstanceNoteRow> instances_of(const std::string& build) override {
        return inner_.instances_of(build);
    }

    void put_instance(const ports::InstanceNoteRow& row) override {
        burning(fuse_, [&] { inner_.put_instance(row); });
    }

    std::map<std::string, std::string> active_images() override { return inner_.active_images(); }

    void activate_image(const std::string& role, const std::string& image) override {
        inner_.activate_image(role, image);
    }

    bool insert_group(const ports::InstanceGroupRow& row) override {
        return burning(fuse_, [&] { return inner_.insert_group(row); });
    }

    std::optional<ports::InstanceGroupRow> find_group(const std::string& id) override {
        return inner_.find_group(id);
    }

    std::vector<ports::InstanceGroupRow> groups() override { return inner_.groups(); }

    std::int64_t change_group(const ports::InstanceGroupRow& row) override {
        return burning(fuse_, [&] { return inner_.change_group(row); });
    }

    void remove_group(const std::string& id) override {
        burning(fuse_, [&] { inner_.remove_group(id); });
    }

  private:
    Fuse& fuse_;
    ports::InstanceBuildStore& inner_;
};

/// An outbox: the same key is one notice.
class FakeNotices final : public Notices {
  public:
    explicit FakeNotices(Fuse& fuse) : fuse_{fuse} {}

    void tell(const Notice& notice) override {
        burning(fuse_, [&] { told.emplace(notice.key, notice); });
    }

    [[nodiscard]] std::size_t count(Notice::Kind kind) const {
        return static_cast<std::size_t>(std::count_if(
            told.begin(), told.end(), [&](const auto& entry) { return entry.second.kind == kind; }
        ));
    }

    std::map<std::string, Notice> told;

  private:
    Fuse& fuse_;
};

/// A queue that gives a job out until it is done.
class FakeJobs final : public JobSink {
  public:
    explicit FakeJobs(Fuse& fuse) : fuse_{fuse} {}

    void push(const std::string& queue, const json::array& args) override {
        burning(fuse_, [&] {
            waiting.push_back({queue, "jid-" + std::to_string(++pushed), args, 0});
        });
    }

    std::deque<Job> waiting;
    int pushed = 0;

  private:
    Fuse& fuse_;
};

inline ports::Image image(const std::string& id, const std::string& role, int created = 1) {
    ports::Image made;
    made.id = ImageId::trusted(id);
    made.name = "image " + id;
    made.state = ports::ImageState::available;
    made.created = TimePoint{std::chrono::seconds{created}};
    if (!role.empty()) {
        made.tags["role"] = role;
    }
    return made;
}

inline constexpr const char* kImage = "ami-00000000000000001";

/// What outlives a process, and a process on it that may be started again.
struct FakeWorld {
    FakeWorld() {
        cloud.images.images = {image(kImage, "worker")};
        settings.owner = "here";
        settings.scripts.base_url = "https://kiln.example:8743";
        settings.scripts.source = "#!/bin/sh\ncurl {{.InstanceBuildURL}} {{.Site}} 100%s\n";
        settings.networks = {"192.0.2.0/24"};
        start();
    }

    /// A new process: it knows what is in the store and nothing else.
    void start() { process = std::make_unique<Process>(*this); }

    World& world() { return process->world; }

    Desk& desk() { return process->desk; }

    Cache& cache() { return process->cache; }

    Runner& runner() { return process->runner; }

    InstanceBuild build(const std::string& id) { return Builds{rows}.get(id); }

    InstanceBuild submit(json::object extra = {}) {
        json::object body{
            {"site", "org"},
            {"env", "prod"},
            {"queue", "linux"},
            {"instance_type", "ct.small"},
            {"count", 1}};
        for (auto& entry : extra) {
            body[entry.key()] = entry.value();
        }
        const json::value value = std::move(body);
        return desk().submit_build(value, std::nullopt);
    }

    /// Does the first job that waits, as a worker does. @returns its error
    std::optional<Error> work() {
        const auto job = jobs.waiting.front();
        try {
            runner().run(job);
        } catch (const Error& error) {
            if (!may_pass(error.kind())) {
                jobs.waiting.pop_front();
            }
            return error;
        }
        jobs.waiting.pop_front();
        return std::nullopt;
    }

    void work_all() {
        while (!jobs.waiting.empty()) {
            if (const auto error = work(); error && may_pass(error->kind())) {
                throw *error;
            }
        }
    }

    /// A build with its machines.
    InstanceBuild built(json::object extra = {}) {
        const auto asked = submit(std::move(extra));
        work_all();
        machines.settle();
        return build(asked.id);
    }

    void round() {
        Upkeep{world()}.run();
        machines.settle();
    }

    struct Process {
        explicit Process(FakeWorld& all)
            : world{.machines = all.machines.machines(), .tags = all.machines.tags(), .store = all.store, .cache = cache, .images = images, .notices = all.notices, .jobs = all.jobs, .clock = all.clock, .settings = all.settings},
              images{all.cloud.images, all.store},
              desk{world, [&all] { all.stopped = true; }},
              runner{world} {}

        Cache cache;
        World world;
        ImageCatalog images;
        Desk desk;
        Runner runner;
    };

    Fuse fuse;
    ports::testing::FakeClock clock;
    ports::testing::FakeCloud cloud;
    ports::testing::MemoryInstanceBuilds rows;
    BurningStore store{fuse, rows};
    BurningMachines machines{fuse, clock};
    FakeNotices notices{fuse};
    FakeJobs jobs{fuse};
    Settings settings;
    bool stopped = false;
    std::unique_ptr<Process> process;
};

}  // namespace kiln::instances::testing
