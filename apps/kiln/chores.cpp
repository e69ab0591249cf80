#include "cli/upkeep.hpp"
#include "os/files.hpp"
#include "world.hpp"

#include <set>

#include <fmt/format.h>

/// What `kiln gc` does through the ledger and the local cloud.
namespace kiln {

gc::World World::collection() {
    auto& all = parts();
    gc::World world{
        .images = all.cloud.images,
        .snapshots = all.cloud.snapshots,
        .bakes = all.bakes,
        .checkpoints = all.checkpoints,
        .clock = clock_,
        .sweep = [this](gc::DryRun dry_run, const std::stop_token&) { return sweep(dry_run); },
        .reconcile =
            [this](gc::DryRun dry_run, const std::stop_token&) { return reconcile(dry_run); },
        .cached_volumes = [this](
                              gc::DryRun dry_run, const std::stop_token& stop
                          ) { return cached_volumes(dry_run, stop); },
        .flatten = [this](
                       gc::DryRun dry_run, const std::stop_token& stop
                   ) { return flatten(dry_run, stop); },
    };
    world.census = own_queues_;
    world.queues = own_queues_;
    return world;
}

std::vector<gc::Item> World::sweep(gc::DryRun dry_run) {
    const auto report = sweeper().sweep(
        dry_run == gc::DryRun::yes ? ledger::Sweeper::DryRun::yes : ledger::Sweeper::DryRun::no
    );
    const auto item = [](const ports::LedgerEntry& entry, std::optional<std::string> failed) {
        return gc::Item{
            "leftover",
            fmt::format("{} {}", ports::to_string(entry.resource.kind), entry.resource.name),
            fmt::format("its process died; made {}", format_time(entry.since)),
            {},
            std::move(failed)};
    };
    std::vector<gc::Item> items;
    for (const auto& entry : report.undone) {
        items.push_back(item(entry, std::nullopt));
    }
    for (const auto& [entry, why] : report.failed) {
        if (entry.resource.kind == ports::ResourceKind::message) {
            continue;  // no server runs: the next one gives it back, or its visibility ends
        }
        items.push_back(item(entry, why));
    }
    auto tended = instances(dry_run);
    items.insert(
        items.end(), std::make_move_iterator(tended.begin()), std::make_move_iterator(tended.end())
    );
    return items;
}

std::vector<gc::Item> World::reconcile(gc::DryRun dry_run) {
    std::vector<gc::Item> items;
    auto& local = parts().local;
    // What the dead own is foreseen by the sweep already: here it counts as owned.
    const auto report = dry_run == gc::DryRun::yes
                            ? local.foresee([](const HolderId&) { return true; })
                            : local.reconcile([this](const HolderId& id) { return alive(id); });
    const auto add = [&](const auto& ids, std::string_view why) {
        for (const auto& id : ids) {
            items.push_back({"file", id.str(), std::string{why}, {}, {}});
        }
    };
    add(report.files_removed, "no record has it");
    add(report.layers_removed, "nothing stood on it");
    add(report.layers_corrected, "its record was made true");
    add(report.volumes_freed, "its process died");
    for (const auto& id : report.corrupt) {
        items.push_back({"file", id.str(), "", {}, "damaged or gone: kiln doctor --deep says more"}
        );
    }
    return items;
}

std::vector<gc::Item> World::flatten(gc::DryRun dry_run, const std::stop_token& stop) {
    std::vector<gc::Item> items;
    const auto why = fmt::format("deeper than {}", config_.local_flatten_depth);
    for (const auto& id : parts().local.layers_to_flatten(config_.local_flatten_depth)) {
        gc::Item item{"chain", id.str(), why, {}, {}};
        if (dry_run == gc::DryRun::no) {
            cli::Job job{*this};
            try {
                parts().local.flatten(job.id(), id, stop);
                job.keep({});
            } catch (const Error& error) {
                if (error.kind() == ErrorKind::cancelled) {
                    throw;
                }
                item.failed = error.message();
            }
        }
        items.push_back(std::move(item));
    }
    return items;
}

std::vector<gc::Item> World::cached_volumes(gc::DryRun dry_run, const std::stop_token& stop) {
    std::vector<gc::Item> items;
    const auto deeds = cache::trim(
        volume_cache(),
        cli::cache_settings(config_),
        dry_run == gc::DryRun::yes ? cache::DryRun::yes : cache::DryRun::no,
        stop
    );
    for (const auto& deed : deeds) {
        items.push_back({"cached volume", deed.name, deed.why, deed.size, deed.failed});
    }
    return items;
}

}  // namespace kiln
