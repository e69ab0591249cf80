#include "cli/bake_runner.hpp"

#include "cli/display.hpp"
#include "os/slots.hpp"
#include "ports/bake_store.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#include <fmt/format.h>

namespace kiln::cli {

namespace {

BakeOutcome run_one(
    const BakeTask& task,
    std::size_t index,
    const os::Slots& slots,
    Display& display,
    const std::stop_token& stop
) {
    try {
        const auto slot =
            slots.acquire(stop, [&] { display.waiting(index, "other bakes to end"); });
        auto record = task.run(
            [&](const BakeId& id, const ports::BakeEvent& event) {
                display.event(index, id, event);
            },
            stop
        );
        display.over(index, std::string{ports::to_string(record.state)});
        return record;
    } catch (const Error& error) {
        display.over(index, std::string{to_string(error.kind())});
        return error;
    } catch (const std::exception& error) {
        display.over(index, "internal");
        return Error{ErrorKind::internal, error.what()};
    }
}

/// The kind of the error that a failed bake's result names.
ErrorKind kind_of(const ports::BakeRecord& record) {
    const auto* result = record.result.if_object();
    const auto* error = result != nullptr ? result->if_contains("error") : nullptr;
    const auto* object = error != nullptr ? error->if_object() : nullptr;
    const auto* word = object != nullptr ? object->if_contains("kind") : nullptr;
    for (const auto kind :
         {ErrorKind::invalid,
          ErrorKind::not_found,
          ErrorKind::conflict,
          ErrorKind::denied,
          ErrorKind::exhausted,
          ErrorKind::unavailable,
          ErrorKind::timed_out,
          ErrorKind::cancelled,
          ErrorKind::corrupt,
          ErrorKind::internal}) {
        if (word != nullptr && word->is_string() && word->get_string() == to_string(kind)) {
            return kind;
        }
    }
    return ErrorKind::internal;
}

int exit_code_of_one(const BakeOutcome& outcome) {
    if (const auto* error = std::get_if<Error>(&outcome)) {
        return exit_code(error->kind());
    }
    const auto& record = std::get<ports::BakeRecord>(outcome);
    switch (record.state) {
        case ports::BakeState::succeeded:
            return 0;
        case ports::BakeState::cancelled:
            return exit_code(ErrorKind::cancelled);
        case ports::BakeState::interrupted:
            return exit_code(ErrorKind::unavailable);
        case ports::BakeState::queued:
        case ports::BakeState::running:
        case ports::BakeState::failed:
            return exit_code(kind_of(record));
    }
    return 1;
}

}  // namespace

Style style_of(const Context& context) {
    if (context.quiet) {
        return Style::quiet;
    }
    return context.output.err_terminal().live ? Style::live : Style::plain;
}

std::vector<BakeOutcome> run_bakes(
    Context& context, const std::vector<BakeTask>& tasks, std::size_t concurrency
) {
    std::vector<std::string> names;
    for (const auto& task : tasks) {
        names.push_back(task.name);
    }
    const os::Slots slots{context.config.home / "run" / "slots", context.config.bake_concurrency};
    Display display{context.output, context.services.clock(), style_of(context), names};
    std::vector<BakeOutcome> outcomes(
        tasks.size(), Error{ErrorKind::cancelled, "not begun: stopped before"}
    );
    auto& baker = context.services.baker();  // built before threads ask for it
    (void)baker;
    std::atomic<std::size_t> next{0};
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < std::min(concurrency, tasks.size()); ++i) {
            threads.emplace_back([&] {
                for (auto index = next++; index < tasks.size(); index = next++) {
                    if (context.stop.stop_requested()) {
                        return;
                    }
                    outcomes[index] = run_one(tasks[index], index, slots, display, context.stop);
                }
            });
        }
    }
    display.close();
    return outcomes;
}

int exit_code_of(const std::vector<BakeOutcome>& outcomes) {
    int code = 0;
    for (const auto& outcome : outcomes) {
        const auto one = exit_code_of_one(outcome);
        if (one == exit_code(ErrorKind::cancelled)) {
            return one;
        }
        if (one != 0) {
            code = code == 0 || code == one ? one : 1;
        }
    }
    return code;
}

std::vector<ImageId> images_of(const std::vector<BakeOutcome>& outcomes) {
    std::vector<ImageId> images;
    for (const auto& outcome : outcomes) {
        const auto* record = std::get_if<ports::BakeRecord>(&outcome);
        if (record != nullptr && record->image) {
            images.push_back(*record->image);
        }
    }
    return images;
}

json::object document_of(const BakeOutcome& outcome) {
    if (const auto* error = std::get_if<Error>(&outcome)) {
        return error_document(*error);
    }
    const auto& record = std::get<ports::BakeRecord>(outcome);
    if (const auto* result = record.result.if_object()) {
        return *result;
    }
    return {{"bake", record.id.str()}, {"state", ports::to_string(record.state)}};
}

int print_outcomes(Context& context, const std::vector<BakeOutcome>& outcomes) {
    if (context.json) {
        json::array documents;
        for (const auto& outcome : outcomes) {
            documents.push_back(document_of(outcome));
        }
        context.output.document(documents.size() == 1 ? documents[0] : json::value(documents));
        return exit_code_of(outcomes);
    }
    for (const auto& outcome : outcomes) {
        if (const auto* error = std::get_if<Error>(&outcome)) {
            context.output.remark(error_text(*error, context.output.err_terminal()));
        } else if (const auto& record = std::get<ports::BakeRecord>(outcome); record.image) {
            context.output.line(record.image->str());
        }
    }
    return exit_code_of(outcomes);
}

}  // namespace kiln::cli
