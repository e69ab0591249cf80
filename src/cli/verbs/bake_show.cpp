#include "cli/progress.hpp"
#include "cli/references.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"
#include "ports/queue_reference.hpp"

namespace kiln::cli::verbs {

namespace {

const json::value* member(const json::value& value, std::string_view key) {
    const auto* object = value.if_object();
    return object != nullptr ? object->if_contains(key) : nullptr;
}

/// The time line of a result: a table of steps and seconds.
std::string time_line(const json::value& result, const Terminal& terminal) {
    const auto* steps = member(result, "steps");
    if (steps == nullptr || !steps->is_array() || steps->get_array().empty()) {
        return "";
    }
    Table table{{{"STEP"}, {"TOOK", true}}};
    for (const auto& step : steps->get_array()) {
        const auto* name = member(step, "step");
        const auto* seconds = member(step, "seconds");
        if (name != nullptr && name->is_string() && seconds != nullptr && seconds->is_number()) {
            const std::chrono::duration<double> took{seconds->to_number<double>()};
            table.add(
                {std::string{name->get_string()},
                 humanize(std::chrono::duration_cast<Duration>(took))}
            );
        }
    }
    return "\n" + table.text(terminal);
}

int run(Context& context) {
    const auto record = find_bake(context.services.bakes(), *context.arguments.one("BAKE"));
    if (context.json) {
        context.output.document(to_json(record));
        return 0;
    }
    context.output.print(facts_text(
        {{"id", record.id.str()},
         {"name", record.name},
         {"state", std::string{ports::to_string(record.state)}},
         {"queue", record.queue.empty() ? "" : ports::parse_queue_reference(record.queue).shown()},
         {"attempt", record.queue.empty() ? "" : std::to_string(record.attempt)},
         {"same as", record.same_as ? record.same_as->str() : ""},
         {"note", record.note},
         {"image", record.image ? record.image->str() : ""},
         {"parent", record.parent.str()},
         {"key", record.key},
         {"began", format_time(record.created)},
         {"ended", record.ended ? format_time(*record.ended) : ""}}
    ));
    context.output.print(time_line(record.result, context.output.out_terminal()));
    const auto* error = member(record.result, "error");
    if (error != nullptr && error->is_object()) {
        context.output.print("\n");
        for (const auto& line : failure_lines(error->get_object())) {
            context.output.line(line);
        }
    }
    return 0;
}

}  // namespace

Verb bake_show() {
    return {
        .path = "bake show",
        .summary = "show a bake: state, time line, cause of failure",
        .text = "With --json, the request as understood and the whole result as well.",
        .arguments =
            {{"BAKE", "id of a bake, or the name of its image (the newest bake of that name)"}},
        .examples =
            {{"kiln bake show web@main@42", "how the newest bake of that name went"},
             {"kiln bake show bake-0123456789abcdef0 --json | jq .request > again.json",
              "the request, to be changed and baked again"}},
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
