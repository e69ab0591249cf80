#include "bake/cascade.hpp"
#include "cli/bake_runner.hpp"
#include "cli/display.hpp"
#include "cli/references.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"
#include "os/slots.hpp"

#include <set>

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

using State = bake::CascadeProgress::State;

/// The bakes of these images whose request is still known.
std::set<BakeId> recorded(ports::BakeStore& bakes, const std::vector<ports::Image>& images) {
    std::set<BakeId> known;
    for (const auto& image : images) {
        try {
            if (image.bake && bakes.get(*image.bake).request.is_object()) {
                known.insert(*image.bake);
            }
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::not_found) {
                throw;
            }
        }
    }
    return known;
}

bake::CascadePlan plan(Context& context) {
    auto cloud = context.services.cloud();
    const auto base = find_image(cloud.images, *context.arguments.one("BASE"));
    std::set<ImageId> also;
    for (const auto& reference : context.arguments.all("replaces")) {
        also.insert(find_image(cloud.images, reference).id);
    }
    const auto images = cloud.images.describe({});
    return bake::plan_cascade(base, images, also, recorded(context.services.bakes(), images));
}

void print_plan(Context& context, const bake::CascadePlan& plan) {
    Table table{{{"IMAGE", false, true}, {"BECOMES", false, true}, {"ON", false, true}}};
    for (const auto& step : plan.steps) {
        const auto* id = std::get_if<ImageId>(&step.parent);
        auto on = id == nullptr         ? plan.steps[std::get<std::size_t>(step.parent)].new_name
                  : *id == plan.base.id ? plan.base.name
                                        : id->str();
        table.add({step.image.name, step.new_name, std::move(on)});
    }
    for (const auto& [image, why] : plan.skipped) {
        table.add({image.name, "skipped: " + why, "-"});
    }
    if (table.empty()) {
        context.output.line(fmt::format("nothing stands on an older version of {}", plan.base.name)
        );
        return;
    }
    context.output.print(table.text(context.output.out_terminal()));
}

ImageId bake_step(
    Context& context,
    Display& display,
    const os::Slots& slots,
    std::size_t index,
    const bake::CascadeStep& step,
    const ImageId& parent
) {
    const auto slot =
        slots.acquire(context.stop, [&] { display.waiting(index, "other bakes to end"); });
    const auto recorded = context.services.bakes().get(*step.image.bake).request;
    const auto request =
        bake::parse_request(bake::request_for(recorded, step.new_name, parent), "/");
    const auto record = context.services.baker().run(
        request,
        [&](const BakeId& id, const ports::BakeEvent& event) { display.event(index, id, event); },
        context.stop
    );
    display.over(index, std::string{ports::to_string(record.state)});
    if (!record.image) {
        throw Error{
            ErrorKind::internal,
            fmt::format("bake {} {}", record.id.str(), ports::to_string(record.state))}
            .hint("kiln bake logs " + record.id.str());
    }
    return *record.image;
}

std::vector<bake::CascadeProgress::Result> execute(
    Context& context, const bake::CascadePlan& plan
) {
    std::vector<std::string> names;
    for (const auto& step : plan.steps) {
        names.push_back(step.new_name);
    }
    const auto style = context.quiet                        ? Style::quiet
                       : context.output.err_terminal().live ? Style::live
                                                            : Style::plain;
    Display display{context.output, context.services.clock(), style, names};
    const os::Slots slots{context.config.home / "run" / "slots", context.config.bake_concurrency};
    (void)context.services.baker();  // built before threads ask for it
    auto results = bake::run_cascade(
        plan,
        context.config.bake_concurrency,
        [&](const bake::CascadeStep& step, const ImageId& parent) {
            const auto index = static_cast<std::size_t>(&step - plan.steps.data());
            return bake_step(context, display, slots, index, step, parent);
        },
        context.stop
    );
    display.close();
    return results;
}

int print_results(
    Context& context,
    const bake::CascadePlan& plan,
    const std::vector<bake::CascadeProgress::Result>& results
) {
    bool failed = !plan.skipped.empty();
    json::array list;
    Table table{{{"IMAGE", false, true}, {"STATE"}, {"ID"}, {"WHY", false, true}}};
    for (std::size_t i = 0; i < results.size(); ++i) {
        const auto& [state, image, why] = results[i];
        failed = failed || state != State::made;
        const auto id = image ? image->str() : "";
        table.add(
            {plan.steps[i].new_name,
             std::string{bake::to_string(state)},
             id.empty() ? "-" : id,
             why}
        );
        list.push_back(
            {{"name", plan.steps[i].new_name},
             {"state", bake::to_string(state)},
             {"image", id},
             {"why", why}}
        );
    }
    if (context.json) {
        context.output.document({{"plan", bake::to_json(plan)}, {"results", std::move(list)}});
    } else {
        context.output.print(table.text(context.output.out_terminal()));
    }
    return failed ? exit_code(ErrorKind::internal) : 0;
}

int run(Context& context) {
    const auto cascade = plan(context);
    if (context.arguments.has("dry-run") || cascade.steps.empty()) {
        if (context.json) {
            context.output.document({{"plan", bake::to_json(cascade)}});
        } else {
            print_plan(context, cascade);
        }
        return 0;
    }
    const auto results = execute(context, cascade);
    std::vector<ImageId> made;
    for (const auto& result : results) {
        if (result.image) {
            made.push_back(*result.image);
        }
    }
    context.services.maintain_if_due(made);
    return print_results(context, cascade, results);
}

}  // namespace

Verb image_rebuild() {
    return {
        .path = "image rebuild",
        .summary = "bake again whatever stands on an older version of an image",
        .text =
            "Older versions of BASE are the images that share its name up to the version (web@41 "
            "and web@42; "
            "debian-12-20261001 and debian-12-20261101), its owner and its architecture, and those "
            "named by "
            "--replaces. Of each image that descends from one, the newest version is baked again "
            "from its "
            "recorded request, under its name with .r1 added, in order of dependence. A branch "
            "ends at its "
            "first failure; other branches go on. Exit code 1 when a branch failed or had to be "
            "left out.",
        .arguments = {{"BASE", "id or name of the new base image"}},
        .options =
            {{.name = "replaces",
              .value = "IMAGE",
              .help = "this image, too, is an older version of BASE",
              .repeatable = true},
             {.name = "dry-run", .help = "show what would be baked, bake nothing"}},
        .examples =
            {{"kiln image rebuild base@2 --dry-run", "what would be baked"},
             {"kiln image rebuild debian-13 --replaces debian-12",
              "move everything to a new release"}},
        .needs = Needs::mounts,
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
