#include "cli/upkeep.hpp"

#include "os/files.hpp"

namespace kiln::cli {

cache::Settings cache_settings(const Config& config) {
    cache::Settings settings;
    settings.count = config.cache_count;
    settings.bytes = config.cache_budget;
    settings.hot = config.cache_hot;
    settings.half_life = config.cache_half_life;
    settings.read_in = config.cache_read_in;
    return settings;
}

kiln::gc::Options collect_options(const Config& config) {
    kiln::gc::Options options;
    options.keep_records = config.bake_keep_records;
    options.keep_reply_queues = config.gc_keep_reply_queues;
    options.checkpoint_budget = config.checkpoint_budget;
    return options;
}

std::vector<cache::Deed> fill_cache(
    Services& services, const Config& config, cache::DryRun dry_run, const std::stop_token& stop
) {
    const auto lock = os::FileLock::try_acquire(config.home / "cache.lock");
    if (!lock) {
        return {};
    }
    return cache::fill(services.volume_cache(), cache_settings(config), dry_run, stop);
}

UpkeepReport upkeep(Services& services, const Config& config, const std::stop_token& stop) {
    UpkeepReport report;
    report.collected = kiln::gc::collect(services.collection(), collect_options(config), stop);
    report.cache = fill_cache(services, config, cache::DryRun::no, stop);
    return report;
}

}  // namespace kiln::cli
