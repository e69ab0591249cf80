#include "cache/keep.hpp"

#include "base/fault.hpp"
#include "base/log.hpp"
#include "os/interrupt.hpp"

#include <algorithm>
#include <chrono>
#include <set>

#include <fmt/format.h>

namespace kiln::cache {

namespace {

/// So many bakes say enough of what is asked for; reading more costs more than it tells.
constexpr std::size_t kLookBack = 1000;

/// A volume that nobody has may be on its way from a job to the cache while it is looked at; an
/// older one is not.
constexpr std::chrono::hours kSettled{1};

/// What a job made is undone when this goes out of scope.
class JobEnd {
  public:
    explicit JobEnd(const World& world) : world_{world} {}

    JobEnd(JobEnd&&) = delete;

    ~JobEnd() {
        try {
            world_.undo_job(id);
        } catch (const std::exception& error) {
            log_warning(
                "clean-up is left to the next `kiln gc`",
                {{"job", id.str()}, {"error", error.what()}}
            );
        }
    }

    const JobId id = JobId::random();

  private:
    const World& world_;
};

/// Dies before put(): the sweeper undoes the job, volume and all. Dies after it: the volume is the
/// cache's, and the sweeper removes the job's folder.
Bytes make_one(const World& world, const Plan::Make& make, Bytes budget, std::stop_token stop) {
    const JobEnd job{world};
    const Bytes asked = read_in(world.files(make.what.snapshot), budget);
    auto ready = prepare(world, job.id, make.what, "ready", stop);
    fault_point("cache:prepared");
    ready.root->unmount();
    ready.root.reset();
    ready.attached->detach();
    ready.attached.reset();
    ports::CachedVolume cached;
    cached.volume = ready.volume.id;
    cached.snapshot = make.what.snapshot;
    cached.size = make.what.size;
    cached.stored = world.stored(ready.volume.id);
    cached.why = fmt::format("{}; {} of its parent read in", make.why, humanize(asked));
    cached.since = world.clock.now();
    fault_point("cache:before-put");
    world.cache.put(job.id, cached);
    fault_point("cache:after-put");
    return cached.stored;
}

/// Dies after take(): the volume is the job's, and the sweeper removes it.
void drop_one(const World& world, const VolumeId& volume) {
    const auto job = JobId::random();
    if (world.cache.take(job, volume)) {
        fault_point("cache:taken");
        world.undo_job(job);
    }
}

/// Does `act` unless this is a dry run; a failure is noted in the deed.
template <class Act>
void attempt(std::vector<Deed>& deeds, Deed deed, DryRun dry_run, const Act& act) {
    if (dry_run == DryRun::no) {
        try {
            act(deed);
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::cancelled) {
                throw;
            }
            deed.failed = error.message();
        }
    }
    deeds.push_back(std::move(deed));
}

void drop_all(
    const World& world,
    const std::vector<Plan::Held>& volumes,
    DryRun dry_run,
    const std::stop_token& stop,
    std::vector<Deed>& deeds
) {
    for (const auto& [volume, why] : volumes) {
        os::throw_if_stopped(stop, "emptying the volume cache");
        attempt(
            deeds,
            {Deed::What::drop, volume.volume.str(), why, volume.stored, std::nullopt},
            dry_run,
            [&, &id = volume.volume](Deed&) { drop_one(world, id); }
        );
    }
}

/// Volumes with the cache's tag that neither cache nor ledger has. Rows are read before the ledger:
/// a volume that is claimed meanwhile is seen in one of them.
std::vector<VolumeId> strays(const World& world) {
    const auto before = world.clock.now() - kSettled;
    std::vector<VolumeId> found;
    for (const auto& volume : world.cloud.volumes.describe({})) {
        const auto tag = volume.tags.find(kTag);
        if (tag != volume.tags.end() && tag->second == "ready" && volume.created < before) {
            found.push_back(volume.id);
        }
    }
    if (found.empty()) {
        return found;
    }
    std::set<std::string> owned;
    for (const auto& cached : world.cache.list()) {
        owned.insert(cached.volume.str());
    }
    for (const auto& entry : world.ledger.entries()) {
        owned.insert(entry.resource.name);
    }
    std::erase_if(found, [&](const VolumeId& id) { return owned.contains(id.str()); });
    return found;
}

std::string named(const Plan::Make& make) {
    return make.what.size ? fmt::format("{} ({})", make.name, humanize(*make.what.size))
                          : make.name;
}

std::vector<Deed> trim_to(
    const World& world, const Plan& plan, DryRun dry_run, const std::stop_token& stop
) {
    std::vector<Deed> deeds;
    drop_all(world, plan.drop, dry_run, stop, deeds);
    for (const auto& id : strays(world)) {
        attempt(
            deeds,
            {Deed::What::drop, id.str(), "neither cache nor ledger has it", {}, std::nullopt},
            dry_run,
            [&](Deed&) { world.cloud.volumes.remove(id, Deadline::never()); }
        );
    }
    return deeds;
}

}  // namespace

std::vector<ports::BakeRecord> recent_bakes(ports::BakeStore& bakes) {
    ports::BakeFilter filter;
    filter.limit = kLookBack;
    return bakes.list(filter);
}

Scene look(const World& world, Duration half_life) {
    Scene scene;
    const auto images = world.cloud.images.describe({});
    for (const auto& image : images) {
        scene.parents.insert(image.root_snapshot);
    }
    scene.demands = measure_demand(recent_bakes(world.bakes), images, half_life, world.clock.now());
    scene.cached = world.cache.list();
    for (const auto& volume : world.cloud.volumes.describe({})) {
        scene.volumes.insert(volume.id);
    }
    return scene;
}

std::vector<Deed> trim(
    const World& world, const Settings& settings, DryRun dry_run, const std::stop_token& stop
) {
    const auto plan = plan_cache(look(world, settings.half_life), {settings.count, settings.bytes});
    return trim_to(world, plan, dry_run, stop);
}

std::vector<Deed> fill(
    const World& world, const Settings& settings, DryRun dry_run, const std::stop_token& stop
) {
    const auto plan = plan_cache(look(world, settings.half_life), {settings.count, settings.bytes});
    auto deeds = trim_to(world, plan, dry_run, stop);
    for (const auto& make : plan.make) {
        os::throw_if_stopped(stop, "filling the volume cache");
        attempt(
            deeds,
            {Deed::What::make, named(make), make.why, {}, std::nullopt},
            dry_run,
            [&](Deed& deed) { deed.size = make_one(world, make, settings.read_in, stop); }
        );
    }
    return deeds;
}

std::vector<Deed> forget(
    const World& world, const SnapshotId& snapshot, const std::stop_token& stop
) {
    std::vector<Plan::Held> all;
    for (auto& volume : world.cache.list()) {
        if (volume.snapshot == snapshot) {
            all.push_back({std::move(volume), "its image is gone"});
        }
    }
    std::vector<Deed> deeds;
    drop_all(world, all, DryRun::no, stop, deeds);
    return deeds;
}

std::vector<Deed> clear(const World& world, const std::stop_token& stop) {
    std::vector<Plan::Held> all;
    for (auto& volume : world.cache.list()) {
        all.push_back({std::move(volume), "the cache is emptied"});
    }
    std::vector<Deed> deeds;
    drop_all(world, all, DryRun::no, stop, deeds);
    return deeds;
}

std::optional<Ready> claim(const World& world, const JobId& job, const Wanted& what) {
    while (const auto cached = world.cache.claim(job, what.snapshot, what.size)) {
        fault_point("cache:claimed");
        try {
            Ready ready;
            ready.volume = world.cloud.volumes.describe({cached->volume}).at(0);
            return ready;
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::not_found) {
                throw;
            }
            log_debug("a ready volume is gone", {{"volume", cached->volume.str()}});
            world.ledger.release(job, {{ports::ResourceKind::volume, cached->volume.str()}});
        }
    }
    return std::nullopt;
}

}  // namespace kiln::cache
