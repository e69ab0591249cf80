#include "release/plan.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::release {

namespace {

json::object templates_json(const Templates& templates) {
    json::object out;
    for (const auto& [name, text] : templates) {
        out[name] = text;
    }
    return out;
}

json::array list(const std::vector<std::string>& texts) {
    json::array out;
    for (const auto& text : texts) {
        out.emplace_back(text);
    }
    return out;
}

void put(json::object& out, const char* key, const std::string& text) {
    if (!text.empty()) {
        out[key] = text;
    }
}

void put(json::object& out, const char* key, const Templates& templates) {
    if (!templates.empty()) {
        out[key] = templates_json(templates);
    }
}

void put(json::object& out, const char* key, const std::vector<std::string>& texts) {
    if (!texts.empty()) {
        out[key] = list(texts);
    }
}

json::object to_json(const ShouldRun& should) {
    json::object out;
    put(out, "command", should.command);
    put(out, "missing", should.missing);
    put(out, "http", should.http);
    put(out, "changed", should.changed);
    if (!should.http.empty()) {
        json::array statuses;
        for (const auto status : should.statuses) {
            statuses.push_back(status);
        }
        out["statuses"] = std::move(statuses);
    }
    return out;
}

std::string seconds_text(std::chrono::seconds seconds) {
    return fmt::format("{}s", seconds.count());
}

}  // namespace

std::string_view to_string(Per per) noexcept {
    switch (per) {
        case Per::run:
            return "run";
        case Per::version:
            return "version";
        case Per::distro:
            break;
    }
    return "distro";
}

std::string_view to_string(Needs needs) noexcept {
    return needs == Needs::all ? "all" : "any";
}

std::string_view to_string(OnlyFor only) noexcept {
    switch (only) {
        case OnlyFor::all:
            return "all";
        case OnlyFor::releases:
            return "releases";
        case OnlyFor::nightlies:
            break;
    }
    return "nightlies";
}

const Step* Plan::find(std::string_view step) const {
    const auto found = std::ranges::find(steps, step, &Step::name);
    return found == steps.end() ? nullptr : &*found;
}

json::object to_json(const Versions& versions) {
    json::object out{{"release", versions.release.text()}};
    if (versions.nightly) {
        out["nightly"] = versions.nightly->text();
    }
    put(out, "release_variables", versions.release_variables);
    put(out, "nightly_variables", versions.nightly_variables);
    put(out, "variables", versions.variables);
    return out;
}

json::object to_json(const Distros& distros) {
    json::object out{{"noun", distros.noun}};
    put(out, "supported", distros.supported);
    json::array known;
    for (const auto& distro : distros.known) {
        json::object one{{"name", distro.name}};
        put(one, "image", distro.image);
        put(one, "versions", distro.versions);
        known.push_back(std::move(one));
    }
    out["known"] = std::move(known);
    return out;
}

json::object to_json(const Step& step) {
    json::object out{{"name", step.name}, {"per", to_string(step.per)}};
    put(out, "after", step.after);
    if (step.needs != Needs::all) {
        out["needs"] = to_string(step.needs);
    }
    if (step.only_for != OnlyFor::all) {
        out["only_for"] = to_string(step.only_for);
    }
    put(out, "script", step.script);
    put(out, "init", step.init);
    put(out, "script_sha256", step.script_sha256);
    put(out, "init_sha256", step.init_sha256);
    put(out, "environment", step.environment);
    out["timeout"] = seconds_text(step.timeout);
    out["heartbeat"] = seconds_text(step.heartbeat);
    if (step.retry != Retry{}) {
        out["retry"] = {
            {"attempts", step.retry.attempts},
            {"wait", seconds_text(step.retry.wait)},
            {"factor", step.retry.factor}};
    }
    if (!step.should_run.always()) {
        out["should_run"] = to_json(step.should_run);
    }
    if (step.test) {
        out["test"] = true;
    }
    put(out, "test_environment", step.test_environment);
    if (!step.worker.empty()) {
        out["worker"] = step.worker;
    }
    return out;
}

json::object to_json(const Plan& plan) {
    json::array steps;
    for (const auto& step : plan.steps) {
        steps.push_back(to_json(step));
    }
    json::object out{{"name", plan.name}, {"versions", to_json(plan.versions)}};
    if (!plan.distros.known.empty()) {
        out["distros"] = to_json(plan.distros);
    }
    put(out, "environment", plan.environment);
    out["steps"] = std::move(steps);
    return out;
}

}  // namespace kiln::release
