#include "cli/references.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

constexpr std::chrono::minutes kDeadline{5};

int list(Context& context) {
    const auto volumes = context.services.cloud().volumes.describe({});
    if (context.json) {
        json::array all;
        for (const auto& volume : volumes) {
            all.push_back(ports::to_json(volume));
        }
        context.output.document(all);
        return 0;
    }
    Table table{
        {{"ID"}, {"STATE"}, {"SIZE", true}, {"SNAPSHOT"}, {"CREATED"}, {"TAGS", false, true}}};
    for (const auto& volume : volumes) {
        table.add(
            {volume.id.str(),
             std::string{ports::to_string(volume.state)},
             humanize(volume.size),
             volume.snapshot ? volume.snapshot->str() : "-",
             format_time(volume.created).substr(0, 19) + "Z",
             tags_text(volume.tags)}
        );
    }
    context.output.print(table.text(context.output.out_terminal()));
    return 0;
}

void print(Context& context, const ports::Volume& volume) {
    if (context.json) {
        context.output.document(ports::to_json(volume));
        return;
    }
    context.output.print(facts_text(
        {{"id", volume.id.str()},
         {"state", std::string{ports::to_string(volume.state)}},
         {"zone", volume.zone},
         {"size", humanize(volume.size)},
         {"snapshot", volume.snapshot ? volume.snapshot->str() : ""},
         {"created", format_time(volume.created)},
         {"tags", tags_text(volume.tags)}}
    ));
}

int show(Context& context) {
    print(context, find_volume(context.services.cloud().volumes, *context.arguments.one("VOLUME")));
    return 0;
}

int create(Context& context) {
    const auto& arguments = context.arguments;
    Job job{context.services};
    ports::VolumeSpec spec;
    spec.owner = job.id();
    if (const auto snapshot = arguments.one("snapshot")) {
        spec.snapshot = find_snapshot(context.services.cloud().snapshots, *snapshot).id;
    }
    if (const auto size = arguments.one("size")) {
        spec.size = parse_bytes(*size);
    }
    if (!spec.snapshot && !spec.size) {
        throw Error{ErrorKind::invalid, "--size or --snapshot is missing"}.hint(
            "kiln volume create --help"
        );
    }
    spec.tags = tags_from(arguments.all("tag"));
    const auto volume = context.services.cloud().volumes.create(spec, Deadline::after(kDeadline));
    context.services.ledger().release_all(job.id());
    if (context.json) {
        context.output.document(ports::to_json(volume));
    } else {
        context.output.line(volume.id.str());
    }
    return 0;
}

int rm(Context& context) {
    auto cloud = context.services.cloud();
    std::vector<ports::Volume> volumes;
    for (const auto& id : context.arguments.all("VOLUME")) {
        volumes.push_back(find_volume(cloud.volumes, id));
    }
    json::array removed;
    for (const auto& volume : volumes) {
        cloud.volumes.remove(volume.id, Deadline::after(kDeadline));
        removed.push_back(json::value(volume.id.str()));
    }
    if (context.json) {
        context.output.document({{"removed", std::move(removed)}});
    }
    return 0;
}

}  // namespace

Verb volume_list() {
    return {
        .path = "volume list",
        .summary = "list volumes",
        .text =
            "Those of running bakes, those kept by --keep-on-failure, those made by hand, and "
            "those "
            "that stand ready (kiln cache show).",
        .examples = {{"kiln volume list --json", "for a program"}},
        .run = list,
    };
}

Verb volume_show() {
    return {
        .path = "volume show",
        .summary = "show all that is known of a volume",
        .text = "",
        .arguments = {{"VOLUME", "id"}},
        .examples = {{"kiln volume show vol-0123456789abcdef0", ""}},
        .run = show,
    };
}

Verb volume_create() {
    return {
        .path = "volume create",
        .summary = "make a volume, empty or from a snapshot",
        .text =
            "Takes milliseconds whatever the size; blocks are copied when they are first written.",
        .options =
            {{.name = "snapshot", .value = "SNAPSHOT", .help = "what it holds at first"},
             {.name = "size",
              .value = "SIZE",
              .help = "8GiB; not below the snapshot's, which is the default"},
             {.name = "tag", .value = "KEY=VALUE", .help = "a tag", .repeatable = true}},
        .examples =
            {{"kiln volume create --size 8GiB", "an empty one; its id is printed"},
             {"kiln volume create --snapshot snap-0123456789abcdef0", "a writable copy"}},
        .needs = Needs::changes,
        .run = create,
    };
}

Verb volume_rm() {
    return {
        .path = "volume rm",
        .summary = "remove volumes",
        .text = "A volume in use is a conflict (5).",
        .arguments = {{"VOLUME", "id", Argument::Count::some}},
        .examples = {{"kiln volume rm vol-0123456789abcdef0", ""}},
        .needs = Needs::changes,
        .run = rm,
    };
}

}  // namespace kiln::cli::verbs
