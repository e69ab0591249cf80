#include "release/prepare.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::release {

namespace {

bool has(const std::vector<std::string>& list, const std::string& word) {
    return std::ranges::find(list, word) != list.end();
}

bool bad(const Outcome& outcome) {
    return outcome.status == Status::failed || outcome.status == Status::blocked;
}

/// Is that outcome one that an instance of a later step has to do with?
bool concerns(const Instance& before, const Instance& later) {
    const bool version =
        later.version.empty() || before.version.empty() || before.version == later.version;
    const bool distro =
        later.distro.empty() || before.distro.empty() || before.distro == later.distro;
    return version && distro;
}

/// Those of one step, and what the machine failed at around it.
struct Seen {
    std::vector<const Outcome*> instances;
    const Outcome* lost = nullptr;  ///< why there are none
};

Seen seen_of(const PrepareFacts& facts, const std::string& step) {
    Seen seen;
    for (const auto& outcome : facts.outcomes) {
        if (!concerns(outcome.instance, facts.instance)) {
            continue;
        }
        if (outcome.instance.step == step) {
            seen.instances.push_back(&outcome);
        } else if (bad(outcome) && !has(facts.steps, outcome.instance.step)) {
            seen.lost = &outcome;
        }
    }
    return seen;
}

std::string named(const Instance& instance) {
    std::string out = instance.step;
    for (const auto* part : {&instance.version, &instance.distro}) {
        out += part->empty() ? "" : " " + *part;
    }
    return out;
}

std::optional<std::string> why_blocked(const PrepareFacts& facts, const std::string& step) {
    const auto seen = seen_of(facts, step);
    if (seen.instances.empty()) {
        return seen.lost == nullptr
                   ? std::nullopt
                   : std::optional{fmt::format("{} has failed", named(seen.lost->instance))};
    }
    const auto first_bad =
        std::ranges::find_if(seen.instances, [](const auto* outcome) { return bad(*outcome); });
    const bool all_bad =
        std::ranges::all_of(seen.instances, [](const auto* outcome) { return bad(*outcome); });
    const bool blocked =
        facts.step.needs == Needs::all ? first_bad != seen.instances.end() : all_bad;
    if (!blocked) {
        return std::nullopt;
    }
    const auto& outcome = **first_bad;
    return fmt::format(
        "{} {}",
        named(outcome.instance),
        outcome.status == Status::failed ? "has failed" : "was not done either"
    );
}

/// Done in an earlier round, and nothing that it comes after was done since.
bool done_before(const PrepareFacts& facts) {
    const auto renewed = [&](const Outcome& outcome) {
        return outcome.status == Status::succeeded &&
               has(facts.step.after, outcome.instance.step) &&
               concerns(outcome.instance, facts.instance);
    };
    return std::ranges::find(facts.done, facts.instance) != facts.done.end() &&
           std::ranges::none_of(facts.outcomes, renewed);
}

bool only_for_others(const PrepareFacts& facts) {
    const bool nightly = is_nightly(facts.versions, facts.instance.version);
    return (facts.step.only_for == OnlyFor::releases && nightly) ||
           (facts.step.only_for == OnlyFor::nightlies && !nightly);
}

bool nothing_changed(const PrepareFacts& facts) {
    const auto& changed = facts.step.should_run.changed;
    return !changed.empty() && std::ranges::none_of(facts.outcomes, [&](const Outcome& outcome) {
        return outcome.status == Status::succeeded && has(changed, outcome.instance.step) &&
               concerns(outcome.instance, facts.instance);
    });
}

}  // namespace

bool asks(Mode mode) noexcept {
    return mode == Mode::normal || mode == Mode::test;
}

std::optional<NotDone> decide(const PrepareFacts& facts) {
    if (!facts.order.steps.empty() && !has(facts.order.steps, facts.step.name)) {
        return NotDone{"not asked for"};
    }
    if (only_for_others(facts)) {
        return NotDone{fmt::format("for {} only", to_string(facts.step.only_for))};
    }
    if (done_before(facts)) {
        return NotDone{"done before this execution was taken up again"};
    }
    for (const auto& before : facts.step.after) {
        if (const auto why = why_blocked(facts, before)) {
            return NotDone{*why, true};
        }
    }
    if (nothing_changed(facts)) {
        return NotDone{
            fmt::format("nothing new from {}", fmt::join(facts.step.should_run.changed, ", "))};
    }
    return std::nullopt;
}

}  // namespace kiln::release
