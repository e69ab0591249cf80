#include "cli/table.hpp"
#include "cli/upkeep.hpp"
#include "cli/verbs.hpp"

#include <map>
#include <set>

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

/// A volume that stands ready, as it is shown.
struct Shown {
    VolumeId volume;
    SnapshotId snapshot;
    std::optional<Bytes> size;
    Bytes stored;
    TimePoint since;
    bool hot = false;
    std::string why;   ///< it is kept, or goes
    std::string made;  ///< why it was made; "" for a hot one
};

/// Volumes that a process holds mounted and no bake has been given yet.
std::vector<Shown> hot_volumes(const cache::World& world) {
    std::map<std::string, JobId> owners;
    std::set<JobId> baking;
    for (const auto& entry : world.ledger.entries()) {
        if (entry.resource.kind == ports::ResourceKind::volume) {
            owners.emplace(entry.resource.name, entry.job);
        } else if (entry.resource.kind == ports::ResourceKind::bake) {
            baking.insert(entry.job);
        }
    }
    std::vector<Shown> found;
    for (const auto& volume : world.cloud.volumes.describe({})) {
        const auto tag = volume.tags.find(cache::kTag);
        const auto owner = owners.find(volume.id.str());
        if (tag == volume.tags.end() || tag->second != "hot" || owner == owners.end() ||
            baking.contains(owner->second) || !volume.snapshot) {
            continue;
        }
        found.push_back(
            {volume.id,
             *volume.snapshot,
             volume.size,
             {},
             volume.created,
             true,
             "mounted by a running process",
             ""}
        );
    }
    return found;
}

std::vector<Shown> shown_volumes(const cache::World& world, const cache::Plan& plan) {
    auto shown = hot_volumes(world);
    const auto add = [&](const cache::Plan::Held& held, std::string_view verdict) {
        const auto& [volume, why] = held;
        shown.push_back(
            {volume.volume,
             volume.snapshot,
             volume.size,
             volume.stored,
             volume.since,
             false,
             std::string{verdict} + why,
             volume.why}
        );
    };
    for (const auto& held : plan.keep) {
        add(held, "");
    }
    for (const auto& held : plan.drop) {
        add(held, "will go: ");
    }
    return shown;
}

std::map<SnapshotId, std::string> image_names(const cache::World& world) {
    std::map<SnapshotId, std::string> names;
    for (const auto& image : world.cloud.images.describe({})) {
        names.emplace(image.root_snapshot, image.name);
    }
    return names;
}

std::string name_of(const std::map<SnapshotId, std::string>& names, const SnapshotId& id) {
    const auto found = names.find(id);
    return found == names.end() ? id.str() : found->second;
}

json::value size_json(const std::optional<Bytes>& size) {
    return size ? json::value(size->count) : json::value(nullptr);
}

std::string size_text(const std::optional<Bytes>& size) {
    return size ? humanize(*size) : "as parent";
}

json::object usage_json(const cache::Usage& usage) {
    return {
        {"hot", usage.hot},
        {"hits", usage.hits},
        {"misses", usage.misses},
        {"hit_rate", usage.hit_rate()}};
}

json::object show_json(
    const Context& context,
    const std::vector<Shown>& volumes,
    const std::map<SnapshotId, std::string>& names,
    const cache::Plan& plan,
    const cache::Usage& usage
) {
    json::array all;
    for (const auto& volume : volumes) {
        all.push_back(
            {{"volume", volume.volume.str()},
             {"image", name_of(names, volume.snapshot)},
             {"snapshot", volume.snapshot.str()},
             {"size_bytes", size_json(volume.size)},
             {"stored_bytes", volume.stored.count},
             {"since", format_time(volume.since)},
             {"hot", volume.hot},
             {"why", volume.why},
             {"made_because", volume.made}}
        );
    }
    json::array missing;
    for (const auto& make : plan.make) {
        missing.push_back(
            {{"image", make.name}, {"size_bytes", size_json(make.what.size)}, {"why", make.why}}
        );
    }
    return {
        {"volumes", std::move(all)},
        {"missing", std::move(missing)},
        {"budget",
         {{"volumes", context.config.cache_count},
          {"bytes", context.config.cache_budget.count},
          {"hot", context.config.cache_hot}}},
        {"usage", usage_json(usage)}};
}

void print_show(
    const Context& context,
    const std::vector<Shown>& volumes,
    const std::map<SnapshotId, std::string>& names,
    const cache::Plan& plan,
    const cache::Usage& usage
) {
    Table table{
        {{"VOLUME"},
         {"IMAGE", false, true},
         {"SIZE", true},
         {"TAKES", true},
         {"SINCE"},
         {"WHY", false, true}}};
    for (const auto& volume : volumes) {
        table.add(
            {volume.volume.str(),
             name_of(names, volume.snapshot),
             size_text(volume.size),
             volume.hot ? "hot" : humanize(volume.stored),
             format_time(volume.since).substr(0, 19) + "Z",
             volume.why}
        );
    }
    for (const auto& make : plan.make) {
        table.add({"(missing)", make.name, size_text(make.what.size), "-", "-", make.why});
    }
    if (!table.empty()) {
        context.output.print(table.text(context.output.out_terminal()));
    }
    context.output.remark(fmt::format(
        "{:.0f} % of {} bakes found a volume ready ({} of them mounted)\n",
        usage.hit_rate() * 100,
        usage.asked(),
        usage.hot
    ));
}

int show(Context& context) {
    const auto world = context.services.volume_cache();
    const auto settings = cache_settings(context.config);
    const auto plan =
        cache::plan_cache(cache::look(world, settings.half_life), {settings.count, settings.bytes});
    const auto usage = cache::measure_usage(cache::recent_bakes(world.bakes));
    const auto volumes = shown_volumes(world, plan);
    const auto names = image_names(world);
    if (context.json) {
        context.output.document(show_json(context, volumes, names, plan, usage));
    } else {
        print_show(context, volumes, names, plan, usage);
    }
    return 0;
}

std::string_view word(cache::Deed::What what) {
    return what == cache::Deed::What::make ? "make" : "drop";
}

/// Prints what was or would be done. @returns the exit code
int report(Context& context, const std::vector<cache::Deed>& deeds, bool dry_run) {
    bool failed = false;
    json::array all;
    Table table{{{"WHAT"}, {"NAME", false, true}, {"TAKES", true}, {"WHY", false, true}}};
    for (const auto& deed : deeds) {
        failed = failed || deed.failed.has_value();
        all.push_back(
            {{"what", word(deed.what)},
             {"name", deed.name},
             {"why", deed.why},
             {"size_bytes", deed.size.count},
             {"failed",
              deed.failed ? json::value(json::string{*deed.failed}) : json::value(nullptr)}}
        );
        table.add(
            {std::string{word(deed.what)},
             deed.name,
             deed.size.count != 0 ? humanize(deed.size) : "-",
             deed.failed ? "NOT DONE: " + *deed.failed : deed.why}
        );
    }
    if (context.json) {
        context.output.document({{"dry_run", dry_run}, {"deeds", std::move(all)}});
    } else if (!context.quiet) {
        if (!table.empty()) {
            context.output.print(table.text(context.output.out_terminal()));
        }
        context.output.remark(deeds.empty() ? "nothing to do\n" : "");
    }
    return failed ? exit_code(ErrorKind::internal) : 0;
}

int fill(Context& context) {
    const bool dry_run = context.arguments.has("dry-run");
    const auto deeds = fill_cache(
        context.services,
        context.config,
        dry_run ? cache::DryRun::yes : cache::DryRun::no,
        context.stop
    );
    return report(context, deeds, dry_run);
}

int clear(Context& context) {
    return report(context, cache::clear(context.services.volume_cache(), context.stop), false);
}

}  // namespace

Verb cache_show() {
    return {
        .path = "cache show",
        .summary = "show which volumes stand ready, why, and how often one was found",
        .text =
            "A volume that stands ready saves a bake the making of it. Which ones do is decided by "
            "what bakes asked for: each counts 1 when it begins and half as much after each "
            "cache.half_life. `hot` ones are held mounted by a running server.\n\n"
            "The hit rate is that of the bakes on record, 1000 at most, that asked for a volume of "
            "their parent; one that went on from a checkpoint did not.",
        .examples = {{"kiln cache show --json", "for a program"}},
        .run = show,
    };
}

Verb cache_fill() {
    return {
        .path = "cache fill",
        .summary = "make the volumes that are missing ready",
        .text =
            "Drops volumes that nobody wants any more, then makes those that are missing: each is "
            "attached, its file system grown where a size was asked for, mounted and unmounted "
            "once, "
            "and cache.read_in of its parent is read into memory. Never more than cache.count "
            "volumes or cache.budget on disk.\n\n"
            "A bake that used one starts this by itself at its end.",
        .options = {{.name = "dry-run", .help = "say what would be done, do nothing"}},
        .examples = {{"kiln cache fill --dry-run", "what would be made and dropped, and why"}},
        .needs = Needs::mounts,
        .run = fill,
    };
}

Verb cache_clear() {
    return {
        .path = "cache clear",
        .summary = "remove all volumes that stand ready",
        .text = "Those that a running process holds mounted stay with it.",
        .examples = {{"kiln cache clear", "all of them, at once"}},
        .needs = Needs::changes,
        .run = clear,
    };
}

}  // namespace kiln::cli::verbs
