#include "cli/references.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

std::string took(const ports::BakeRecord& record, TimePoint now) {
    return humanize(Duration{record.ended.value_or(now) - record.created});
}

int run(Context& context) {
    const auto& arguments = context.arguments;
    ports::BakeFilter filter;
    if (const auto state = arguments.one("state")) {
        filter.state = ports::bake_state(*state);
    }
    filter.name = arguments.one("name");
    if (const auto limit = arguments.one("limit")) {
        const auto [end, error] =
            std::from_chars(limit->data(), limit->data() + limit->size(), filter.limit);
        if (error != std::errc{} || end != limit->data() + limit->size() || filter.limit == 0) {
            throw Error{
                ErrorKind::invalid, fmt::format("--limit: '{}' is not a number from 1 up", *limit)};
        }
    }
    const auto records = context.services.bakes().list(filter);
    if (context.json) {
        json::array all;
        for (const auto& record : records) {
            all.push_back(to_json(record));
        }
        context.output.document(all);
        return 0;
    }
    const auto now = context.services.clock().now();
    Table table{{{"ID"}, {"NAME", false, true}, {"STATE"}, {"IMAGE"}, {"BEGAN"}, {"TOOK", true}}};
    for (const auto& record : records) {
        table.add(
            {record.id.str(),
             record.name,
             std::string{ports::to_string(record.state)},
             record.image ? record.image->str() : "-",
             format_time(record.created).substr(0, 19) + "Z",
             took(record, now)}
        );
    }
    context.output.print(table.text(context.output.out_terminal()));
    return 0;
}

}  // namespace

Verb bake_list() {
    return {
        .path = "bake list",
        .summary = "list bakes, newest first",
        .text =
            "Bakes that wait, those that run and those that ended, until `kiln gc` forgets these "
            "(bake.keep_records).",
        .options =
            {{.name = "state",
              .value = "STATE",
              .help = "only those in this state",
              .choices = {"queued", "running", "succeeded", "failed", "cancelled", "interrupted"}},
             {.name = "name",
              .value = "PATTERN",
              .help = "only those of such a name; * and ? are wildcards"},
             {.name = "limit", .value = "N", .help = "at most so many (default 100)"}},
        .examples =
            {{"kiln bake list --state failed", "what went wrong"},
             {"kiln bake list --name 'web@*' --json", "all bakes of web, for a program"}},
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
