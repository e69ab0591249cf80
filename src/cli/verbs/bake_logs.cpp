#include "cli/progress.hpp"
#include "cli/references.hpp"
#include "cli/verbs.hpp"

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

constexpr std::size_t kPage = 500;

/// Hands over all events that are stored.
template <class Sink>
void stored_events(ports::BakeStore& bakes, const BakeId& id, const Sink& sink) {
    ports::EventPlace after;
    for (auto page = bakes.events(id, after, kPage); !page.empty();
         page = bakes.events(id, after, kPage)) {
        for (const auto& event : page) {
            sink(id, event);
            after = event.place();
        }
    }
}

int run(Context& context) {
    auto& bakes = context.services.bakes();
    const auto id = find_bake(bakes, *context.arguments.one("BAKE")).id;
    const auto& output = context.output;
    if (context.arguments.has("follow")) {
        const auto sink = [&](const BakeId& bake, const ports::BakeEvent& event) {
            if (context.json) {
                output.line(json::serialize(ports::to_json(bake, event)));
                return;
            }
            for (const auto& line : plain_lines(event, "")) {
                output.line(line);
            }
        };
        context.services.baker().replay(id, {}, bake::Baker::Follow::yes, sink, context.stop);
        return 0;
    }
    if (context.json) {
        json::array all;
        stored_events(bakes, id, [&](const BakeId& bake, const ports::BakeEvent& event) {
            all.push_back(ports::to_json(bake, event));
        });
        output.document(all);
        return 0;
    }
    stored_events(bakes, id, [&](const BakeId&, const ports::BakeEvent& event) {
        for (const auto& line : plain_lines(event, "")) {
            output.line(line);
        }
    });
    return 0;
}

}  // namespace

Verb bake_logs() {
    return {
        .path = "bake logs",
        .summary = "print what a bake said",
        .text =
            "Each line has its time (UTC) and step; `|` stands before output of the bootstrap, `!` "
            "before "
            "the cause of a failure. With --json one array of events; with --json --follow one "
            "event to a "
            "line as they come.",
        .arguments =
            {{"BAKE", "id of a bake, or the name of its image (the newest bake of that name)"}},
        .options = {{.name = "follow", .help = "go on until the bake ends", .letter = 'f'}},
        .examples =
            {{"kiln bake logs -f web@main@42", "watch a bake that another process runs"},
             {"kiln bake logs bake-0123456789abcdef0", "what it said, to the end"}},
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
