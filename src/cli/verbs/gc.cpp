#include "cli/table.hpp"
#include "cli/upkeep.hpp"
#include "cli/verbs.hpp"
#include "os/files.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

kiln::gc::Options options_from(const Context& context) {
    const auto& arguments = context.arguments;
    auto options = collect_options(context.config);
    if (const auto keep = arguments.one("keep")) {
        std::size_t number = 0;
        const auto* end = keep->data() + keep->size();
        const auto [stop, error] = std::from_chars(keep->data(), end, number);
        if (error != std::errc{} || stop != end || number == 0) {
            throw Error{
                ErrorKind::invalid, fmt::format("--keep: '{}' is not a number from 1 up", *keep)};
        }
        options.images.keep = number;
    }
    if (const auto age = arguments.one("older-than")) {
        options.images.older_than = parse_duration(*age);
    }
    options.dry_run = arguments.has("dry-run") ? kiln::gc::DryRun::yes : kiln::gc::DryRun::no;
    return options;
}

void print(Context& context, const kiln::gc::Report& report, kiln::gc::DryRun dry_run) {
    Table table{{{"WHAT"}, {"NAME", false, true}, {"SIZE", true}, {"WHY", false, true}}};
    for (const auto& item : report.items) {
        const auto why = item.failed ? "STILL THERE: " + *item.failed : item.why;
        table.add({item.what, item.name, item.size.count != 0 ? humanize(item.size) : "-", why});
    }
    for (const auto& [image, why] : report.spared) {
        table.add({"spared", image.name, "-", why});
    }
    if (!table.empty()) {
        context.output.print(table.text(context.output.out_terminal()));
    }
    const bool dry = dry_run == kiln::gc::DryRun::yes;
    context.output.remark(
        report.items.empty()
            ? "nothing to do\n"
            : fmt::format("{} {}\n", dry ? "would free" : "freed", humanize(report.freed()))
    );
}

/// What a bake starts when it leaves something to do: quiet, and once at a time on this machine.
int maintain(Context& context) {
    const auto lock = os::FileLock::try_acquire(context.config.home / "maintenance.lock");
    if (!lock) {
        return 0;
    }
    const auto report =
        kiln::gc::maintain(context.services.collection(), options_from(context), context.stop);
    for (const auto& item : report.items) {
        if (item.failed) {
            log_warning(
                "not done; the next kiln gc tries again",
                {{"what", item.what}, {"name", item.name}, {"error", *item.failed}}
            );
        }
    }
    return report.failed() ? 1 : 0;
}

int run(Context& context) {
    if (context.arguments.has("maintenance")) {
        return maintain(context);
    }
    const auto options = options_from(context);
    const auto report = kiln::gc::collect(context.services.collection(), options, context.stop);
    if (context.json) {
        context.output.document(kiln::gc::to_json(report, options.dry_run));
    } else if (!context.quiet) {
        print(context, report, options.dry_run);
    }
    return report.failed() ? exit_code(ErrorKind::internal) : 0;
}

}  // namespace

Verb gc() {
    return {
        .path = "gc",
        .summary = "remove what nobody needs any more",
        .text =
            "In this order: what dead processes left behind; images that the rule below lets go; "
            "checkpoints over checkpoint.budget, least recently used first; reply queues older "
            "than "
            "gc.keep_reply_queues and idle for so long, where this process holds the queues; "
            "records "
            "of bakes that ended longer ago than bake.keep_records; volumes that stand ready and "
            "nobody wants; files that no record has; and chains deeper than local.flatten_depth "
            "are "
            "flattened.\n\n"
            "Images go only where --keep or --older-than is given, and with both only those that "
            "both let go. "
            "One that is the parent of another, shared, or tagged `keep` stays. The versions of an "
            "image share "
            "its name up to the last @ or a date at the end (web@41 and web@42).\n\n"
            "Exit code 1 when something could not be removed; the next run tries again.",
        .options =
            {{.name = "dry-run", .help = "say what would be done, do nothing"},
             {.name = "keep", .value = "N", .help = "keep the newest N versions of each image"},
             {.name = "older-than",
              .value = "DURATION",
              .help = "remove only images older than this: 30d"},
             {.name = "maintenance",
              .help = "checkpoints and chains only, silently; what a bake starts by itself"}},
        .examples =
            {{"kiln gc --dry-run", "what would go"},
             {"kiln gc --keep 3 --older-than 30d",
              "three versions of each image, and all of the last 30 days"}},
        .needs = Needs::upkeep,
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
