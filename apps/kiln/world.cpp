#include "world.hpp"

#include "base/log.hpp"
#include "compute/netns.hpp"
#include "worker/queues.hpp"

#include <fmt/format.h>

namespace kiln {

World::Parts::Parts(
    const cli::Config& config, const HolderId& holder, ports::Clock& clock, sqlite::LastEnd end
)
    : store{config.home, end},
      catalog{store},
      stored_bakes{store},
      bakes{stored_bakes},
      checkpoints{store},
      ledger{store, holder, clock},
      cache{store, holder, clock},
      instances{store},
      keys{store},
      groups{store},
      notifications{store},
      local{
          config.home / "cloud",
          catalog,
          ledger,
          clock,
          [&] {
              local::Settings settings;
              settings.free_space_floor = config.local_min_free;
              return settings;
          }()},
      cloud{local.cloud()} {}

World::World(cli::Config config, cli::Needs needs, std::string version, Maintenance& maintenance)
    : config_{std::move(config)},
      needs_{needs},
      version_{std::move(version)},
      maintenance_{maintenance} {
    if (needs_ == cli::Needs::changes || needs_ == cli::Needs::mounts) {
        sweep_at_start();
    }
}

bool World::alive(const HolderId& id) const {
    return ledger::Holder::alive(holders(), id);
}

World::Parts& World::parts() {
    if (parts_) {
        return *parts_;
    }
    const bool reads_only = needs_ == cli::Needs::store || needs_ == cli::Needs::nothing;
    if (reads_only) {
        // It makes nothing, so it owns nothing: an owner that nobody has will do.
        parts_ =
            std::make_unique<Parts>(config_, HolderId::random(), clock_, sqlite::LastEnd::clean);
        return *parts_;
    }
    const bool unclean = !ledger::Holder::dead(holders()).empty();
    holder_.emplace(holders());
    parts_ = std::make_unique<Parts>(
        config_, holder_->id(), clock_, unclean ? sqlite::LastEnd::unclean : sqlite::LastEnd::clean
    );
    return *parts_;
}

ports::Cloud World::cloud() {
    return parts().cloud;
}

ports::BakeStore& World::bakes() {
    return parts().bakes;
}

ports::CheckpointStore& World::checkpoints() {
    return parts().checkpoints;
}

ports::Ledger& World::ledger() {
    return parts().ledger;
}

ports::NotificationStore& World::notifications() {
    return parts().notifications;
}

std::vector<std::unique_ptr<notify::Channel>> World::notify_channels() {
    if (!notify_settings_) {
        notify_settings_ = cli::read_notify_config(config_.notify);
    }
    return notify::make_channels(*notify_settings_, clock_, notify_queues(queue_drivers()));
}

ledger::Sweeper& World::sweeper() {
    if (!sweeper_) {
        auto& all = parts();
        auto undo = ledger::kernel_undo();
        undo.merge(all.local.undo());
        undo[ports::ResourceKind::bake] = [this](const ports::Resource& resource) {
            bake::mark_interrupted(parts().bakes, clock_, bake::Attempt::parse(resource.name));
        };
        undo[ports::ResourceKind::message] = [this](const ports::Resource& resource) {
            worker::give_back(
                [this](const auto& queue) -> auto& { return queue_drivers().of(queue); }, resource
            );
        };
        undo[ports::ResourceKind::firewall] = [](const ports::Resource& resource) {
            compute::remove_firewall(resource.name);
        };
        sweeper_ = std::make_unique<ledger::Sweeper>(all.ledger, holders(), std::move(undo));
    }
    return *sweeper_;
}

void World::sweep_at_start() {
    for (const auto& [entry, why] : sweeper().sweep().failed) {
        if (entry.resource.kind == ports::ResourceKind::message) {
            // Its queue is out of reach: a server that runs later gives it back, or its visibility
            // ends.
            log_debug("message not given back yet", {{"error", why}});
            continue;
        }
        log_warning(
            "left by a dead process, still there; the next command tries again",
            {{"kind", std::string{ports::to_string(entry.resource.kind)}},
             {"name", entry.resource.name},
             {"error", why}}
        );
    }
}

void World::undo_job(const JobId& job) {
    sweeper().undo_job(job);
}

std::filesystem::path World::job_folder(const JobId& job) {
    const auto folder = run_folder() / job.str();
    ledger().intend(job, {{ports::ResourceKind::folder, folder.string()}});
    std::filesystem::create_directories(folder);
    return folder;
}

bake::Baker& World::baker() {
    if (!baker_) {
        auto& all = parts();
        decltype(bake::World::ready_volume) ready;
        if (config_.cache_count > 0) {
            ready =
                [this](
                    const JobId& job, const SnapshotId& snapshot, const std::optional<Bytes>& size
                ) {
                    return ready_volume(job, {snapshot, size});
                };
        }
        baker_ = std::make_unique<bake::Baker>(bake::World{
            .cloud = all.cloud,
            .ledger = all.ledger,
            .bakes = all.bakes,
            .checkpoints = all.checkpoints,
            .clock = clock_,
            .run_folder = run_folder(),
            .holder = holder_ ? holder_->id() : HolderId::random(),
            .log_folder = config_.home / "logs",
            .undo_job = [&sweeper = sweeper()](const JobId& job) { sweeper.undo_job(job); },
            .holder_alive = [this](const HolderId& id) { return alive(id); },
            .boot_test = [this](
                             const JobId& job,
                             const SnapshotId& snapshot,
                             const std::string& marker,
                             const std::stop_token& stop,
                             Deadline deadline
                         ) { boot_test(job, snapshot, marker, stop, deadline); },
            .ready_volume = ready,
            .account = config_.local_account,
            .kiln_version = version_,
        });
    }
    return *baker_;
}

void World::maintain_if_due(const std::vector<ImageId>& made) {
    auto& all = parts();
    Bytes checkpoints;
    for (const auto& checkpoint : all.checkpoints.list()) {
        checkpoints += checkpoint.stored;
    }
    bool deep = false;
    if (!made.empty()) {
        ports::ImageFilter filter;
        filter.ids = made;
        for (const auto& image : all.catalog.images(filter)) {
            const auto snapshot = all.catalog.snapshot(image.root_snapshot);
            const auto layer = snapshot ? all.catalog.layer(snapshot->layer) : std::nullopt;
            deep = deep || (layer && layer->depth > config_.local_flatten_depth);
        }
    }
    if (deep || checkpoints > config_.checkpoint_budget) {
        maintenance_.wanted(Maintenance::Work::collect);
    }
    if (hot_) {
        hot_->look_again();  // what was baked may be asked for again
    } else if (ready_volume_used_) {
        maintenance_.wanted(Maintenance::Work::fill_cache);
    }
}

}  // namespace kiln
