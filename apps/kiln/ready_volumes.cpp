#include "cli/upkeep.hpp"
#include "world.hpp"

/// Volumes that stand ready for bakes: what the cache works on, and where a bake finds them.
namespace kiln {

cache::World World::volume_cache() {
    auto& all = parts();
    return {
        .cloud = all.cloud,
        .ledger = all.ledger,
        .cache = all.cache,
        .bakes = all.bakes,
        .clock = clock_,
        .run_folder = run_folder(),
        .undo_job = [&sweeper = sweeper()](const JobId& job) { sweeper.undo_job(job); },
        .files = [&all](const SnapshotId& snapshot) { return all.local.files_of(snapshot); },
        .stored = [&all](const VolumeId& volume) { return all.local.stored(volume); },
    };
}

void World::keep_volumes_hot() {
    const auto settings = cli::cache_settings(config_);
    if (hot_) {
        hot_->look_again();
    } else if (settings.count > 0 && settings.hot > 0) {
        hot_ = std::make_unique<cache::HotVolumes>(volume_cache(), settings);
    }
}

std::optional<bake::ReadyVolume> World::ready_volume(const JobId& job, const cache::Wanted& what) {
    auto ready = hot_ ? hot_->claim(job, what) : std::nullopt;
    if (!ready) {
        ready = cache::claim(volume_cache(), job, what);
        ready_volume_used_ = ready_volume_used_ || ready.has_value();
    }
    if (!ready) {
        return std::nullopt;
    }
    return bake::ReadyVolume{
        std::move(ready->volume), std::move(ready->attached), std::move(ready->root)};
}

}  // namespace kiln
