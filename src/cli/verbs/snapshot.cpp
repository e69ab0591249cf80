#include "cli/references.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kiln::cli::verbs {

namespace {

constexpr std::chrono::minutes kDeadline{5};

int list(Context& context) {
    const auto snapshots = context.services.cloud().snapshots.describe({});
    if (context.json) {
        json::array all;
        for (const auto& snapshot : snapshots) {
            all.push_back(ports::to_json(snapshot));
        }
        context.output.document(all);
        return 0;
    }
    Table table{
        {{"ID"},
         {"STATE"},
         {"SIZE", true},
         {"STORED", true},
         {"CREATED"},
         {"DESCRIPTION", false, true}}};
    for (const auto& snapshot : snapshots) {
        table.add(
            {snapshot.id.str(),
             std::string{ports::to_string(snapshot.state)},
             humanize(snapshot.size),
             humanize(snapshot.stored),
             format_time(snapshot.created).substr(0, 19) + "Z",
             snapshot.description}
        );
    }
    context.output.print(table.text(context.output.out_terminal()));
    return 0;
}

int show(Context& context) {
    const auto snapshot =
        find_snapshot(context.services.cloud().snapshots, *context.arguments.one("SNAPSHOT"));
    if (context.json) {
        context.output.document(ports::to_json(snapshot));
        return 0;
    }
    context.output.print(facts_text(
        {{"id", snapshot.id.str()},
         {"description", snapshot.description},
         {"state", std::string{ports::to_string(snapshot.state)}},
         {"size", humanize(snapshot.size)},
         {"stored", humanize(snapshot.stored)},
         {"created", format_time(snapshot.created)},
         {"tags", tags_text(snapshot.tags)},
         {"shared with", fmt::format("{}", fmt::join(snapshot.shared_with, ", "))}}
    ));
    return 0;
}

int create(Context& context) {
    const auto& arguments = context.arguments;
    Job job{context.services};
    ports::SnapshotSpec spec;
    spec.owner = job.id();
    spec.volume = find_volume(context.services.cloud().volumes, *arguments.one("VOLUME")).id;
    spec.description = arguments.one_or("description", "");
    spec.tags = tags_from(arguments.all("tag"));
    const auto snapshot =
        context.services.cloud().snapshots.create(spec, Deadline::after(kDeadline));
    context.services.ledger().release_all(job.id());
    if (context.json) {
        context.output.document(ports::to_json(snapshot));
    } else {
        context.output.line(snapshot.id.str());
    }
    return 0;
}

int rm(Context& context) {
    auto cloud = context.services.cloud();
    std::vector<ports::Snapshot> snapshots;
    for (const auto& id : context.arguments.all("SNAPSHOT")) {
        snapshots.push_back(find_snapshot(cloud.snapshots, id));
    }
    json::array removed;
    for (const auto& snapshot : snapshots) {
        cloud.snapshots.remove(snapshot.id, Deadline::after(kDeadline));
        removed.push_back(json::value(snapshot.id.str()));
    }
    if (context.json) {
        context.output.document({{"removed", std::move(removed)}});
    }
    return 0;
}

}  // namespace

Verb snapshot_list() {
    return {
        .path = "snapshot list",
        .summary = "list snapshots, checkpoints among them",
        .text = "STORED is what the snapshot alone takes on disk.",
        .examples = {{"kiln snapshot list", ""}},
        .run = list,
    };
}

Verb snapshot_show() {
    return {
        .path = "snapshot show",
        .summary = "show all that is known of a snapshot",
        .text = "",
        .arguments = {{"SNAPSHOT", "id"}},
        .examples = {{"kiln snapshot show snap-0123456789abcdef0", ""}},
        .run = show,
    };
}

Verb snapshot_create() {
    return {
        .path = "snapshot create",
        .summary = "freeze what a volume holds now",
        .text =
            "Takes milliseconds whatever the size. A volume that is mounted is frozen as a power "
            "cut would "
            "leave it.",
        .arguments = {{"VOLUME", "id"}},
        .options =
            {{.name = "description", .value = "TEXT", .help = "what it is"},
             {.name = "tag", .value = "KEY=VALUE", .help = "a tag", .repeatable = true}},
        .examples =
            {{"kiln snapshot create vol-0123456789abcdef0 --description 'before the change'", ""}},
        .needs = Needs::changes,
        .run = create,
    };
}

Verb snapshot_rm() {
    return {
        .path = "snapshot rm",
        .summary = "remove snapshots",
        .text =
            "Frees only what no image, volume or other snapshot needs. One that an image is "
            "registered on is "
            "a conflict (5).",
        .arguments = {{"SNAPSHOT", "id", Argument::Count::some}},
        .examples = {{"kiln snapshot rm snap-0123456789abcdef0", ""}},
        .needs = Needs::changes,
        .run = rm,
    };
}

}  // namespace kiln::cli::verbs
