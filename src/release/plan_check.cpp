#include "base/suggest.hpp"
#include "release/definition.hpp"
#include "release/graph.hpp"
#include "release/names.hpp"
#include "release/plan.hpp"
#include "release/task.hpp"
#include "template/template.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>

namespace kiln::release {

namespace {

constexpr std::size_t kLongestPlanName = 40;
constexpr std::size_t kMostSteps = 100;

class Check {
  public:
    explicit Check(const Plan& plan) : plan_{plan} {}

    std::vector<Problem> run() {
        check_name();
        check_distros();
        check_versions();
        for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
            check_step(plan_.steps[i], fmt::format("steps[{}]", i));
        }
        check_collisions();
        check_cycles();
        return std::move(problems_);
    }

  private:
    void complain(std::string where, std::string what) {
        problems_.push_back({std::move(where), std::move(what)});
    }

    [[nodiscard]] std::vector<std::string> step_names() const {
        std::vector<std::string> names;
        for (const auto& step : plan_.steps) {
            names.push_back(step.name);
        }
        return names;
    }

    void check_name() {
        constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-";
        const auto& name = plan_.name;
        if (name.empty()) {
            return;  // told as missing
        }
        if (name.find_first_not_of(kLetters) != std::string::npos || name.front() == '-' ||
            name.size() > kLongestPlanName) {
            complain(
                "name",
                fmt::format(
                    "must be up to {} of a-z, 0-9 and -, not \"{}\": the state machine and the "
                    "activities are named after it",
                    kLongestPlanName,
                    name
                )
            );
        }
    }

    void check_distros() {
        std::set<std::string> seen;
        for (std::size_t i = 0; i < plan_.distros.known.size(); ++i) {
            const auto& name = plan_.distros.known[i].name;
            const auto where = fmt::format("distros.known[{}].name", i);
            if (!name.empty() && !seen.insert(name).second) {
                complain(where, fmt::format("\"{}\" is there twice", name));
            }
            if (plan_.versions.release.has_shape_of(name)) {
                complain(where, fmt::format("\"{}\" looks like a version", name));
            }
            if (plan_.find(name) != nullptr) {
                complain(where, fmt::format("\"{}\" is a step's name, too", name));
            }
        }
    }

    /// Names in a template that there are not.
    void check_names(
        const std::string& where, const std::string& text, const std::vector<std::string>& known
    ) {
        try {
            for (const auto& name : templates::Template::parse(text).names()) {
                if (std::ranges::find(known, name) == known.end()) {
                    complain(
                        where,
                        fmt::format(
                            "there is no value \"{}\" for this template{}; there are {}",
                            name,
                            did_you_mean(name, known),
                            fmt::join(known, ", ")
                        )
                    );
                }
            }
        } catch (const Error&) {
            return;  // told where it was read
        }
    }

    /// Each may name those before it.
    void check_templates(
        const std::string& where, const Templates& templates, std::vector<std::string>& known
    ) {
        for (const auto& [name, text] : templates) {
            check_names(where + "." + name, text, known);
            known.push_back(name);
        }
    }

    void check_versions() {
        const auto built_in = template_names(plan_.versions);
        auto known = built_in;
        check_templates("versions.release_variables", plan_.versions.release_variables, known);
        auto of_nightlies = built_in;
        check_templates(
            "versions.nightly_variables", plan_.versions.nightly_variables, of_nightlies
        );
        if (plan_.versions.nightly) {  // what both kinds have
            std::erase_if(known, [&](const std::string& name) {
                return std::ranges::find(of_nightlies, name) == of_nightlies.end();
            });
        }
        check_templates("versions.variables", plan_.versions.variables, known);
        check_names("distros.supported", plan_.distros.supported, known);
        check_templates("environment", plan_.environment, known);
        common_ = std::move(known);
    }

    void check_step_name(const Step& step, const std::string& where) {
        constexpr std::string_view kLetters =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        const auto& name = step.name;
        if (name.empty()) {
            return;
        }
        const bool good = name.find_first_not_of(kLetters) == std::string::npos &&
                          name.front() >= 'A' && name.front() <= 'Z';
        if (name.starts_with("ForEach") || name.ends_with("End")) {
            complain(
                where + ".name",
                "may not begin with ForEach or end with End: the machine's own states do"
            );
        }
        if (!good || name.size() > kLongestStepName) {
            complain(
                where + ".name",
                fmt::format(
                    "must be a capital letter and up to {} letters and digits more, as "
                    "MakeSourceTarball, not \"{}\"",
                    kLongestStepName - 1,
                    name
                )
            );
        }
    }

    void check_step(const Step& step, const std::string& where) {
        check_step_name(step, where);
        const auto names = step_names();
        const auto check_reference = [&](const char* key, std::size_t i, const std::string& name) {
            const auto at = fmt::format("{}.{}[{}]", where, key, i);
            if (name == step.name) {
                complain(at, "a step cannot wait for itself");
            } else if (plan_.find(name) == nullptr) {
                complain(
                    at, fmt::format("there is no step \"{}\"{}", name, did_you_mean(name, names))
                );
            }
        };
        for (std::size_t i = 0; i < step.after.size(); ++i) {
            check_reference("after", i, step.after[i]);
        }
        for (std::size_t i = 0; i < step.should_run.changed.size(); ++i) {
            check_reference("should_run.changed", i, step.should_run.changed[i]);
            check_changed(step, fmt::format("{}.should_run.changed[{}]", where, i), i);
        }
        if (step.per == Per::distro && plan_.distros.known.empty()) {
            complain(where + ".per", "there are no distros: name them in [[distros.known]]");
        }
        if (step.per == Per::run && step.only_for != OnlyFor::all) {
            complain(where + ".only_for", "a step per run is for all versions at once");
        }
        auto known = common_;
        check_templates(where + ".environment", step.environment, known);
        check_names(where + ".should_run.missing", step.should_run.missing, known);
        check_names(where + ".should_run.http", step.should_run.http, known);
        check_templates(where + ".test_environment", step.test_environment, known);
    }

    /// It is known only of what is over.
    void check_changed(const Step& step, const std::string& where, std::size_t index) {
        const auto& changed = step.should_run.changed[index];
        std::set<std::string> before;
        std::vector<std::string> open{step.after};
        while (!open.empty()) {
            const auto name = open.back();
            open.pop_back();
            if (before.insert(name).second && plan_.find(name) != nullptr) {
                const auto& after = plan_.find(name)->after;
                open.insert(open.end(), after.begin(), after.end());
            }
        }
        if (plan_.find(changed) != nullptr && !before.contains(changed)) {
            complain(
                where,
                fmt::format("\"{}\" may run at the same time: name it in `after`, too", changed)
            );
        }
    }

    /// States and activities that are named after different things.
    void check_collisions() {
        std::map<std::string, std::string> states;
        for (const auto* name :
             {states::kParseInput,
              states::kRoot,
              states::kNormalize,
              states::kMainEnd,
              states::kCheck,
              "StopHealthCheck",
              "HealthCheckWait",
              "HealthCheck",
              "ShouldHealthCheck",
              "HealthCheckEnd",
              "ShouldRunAgain",
              "ReleaseEnd",
              "VersionNormalizeResults",
              "VersionEnd"}) {
            states[name] = "the machine's own";
        }
        states[fmt::format("Get{}sForVersion", plan_.distros.noun)] = "the machine's own";
        std::map<std::string, std::string> activities{
            {"functions", "the machine's own"}, {"tick", "the machine's own"}};
        for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
            const auto& name = plan_.steps[i].name;
            const auto where = fmt::format("steps[{}].name", i);
            if (name.empty()) {
                continue;
            }
            for (const auto* prefix : {"", "Should", "PrepareTo"}) {
                const auto state = prefix + name;
                const auto [other, fresh] = states.emplace(state, "that of " + name);
                if (!fresh) {
                    complain(
                        where,
                        fmt::format("the state {} would be there twice: {}", state, other->second)
                    );
                    break;
                }
            }
            const auto [other, fresh] = activities.emplace(kebab(name), "that of " + name);
            if (!fresh && other->second != "that of " + name) {
                complain(
                    where,
                    fmt::format(
                        "its activity {} would be {}",
                        activity_name(plan_.name, name),
                        other->second
                    )
                );
            }
        }
        if (plan_.steps.size() > kMostSteps) {
            complain("steps", fmt::format("are more than {}", kMostSteps));
        }
    }

    void check_cycles() {
        enum class Mark { open, under_way, done };
        std::map<std::string, Mark> marks;
        std::vector<std::string> way;
        const std::function<bool(const std::string&)> visit = [&](const std::string& name) {
            const auto* step = plan_.find(name);
            auto& mark = marks[name];
            if (step == nullptr || mark == Mark::done) {
                return false;
            }
            way.push_back(name);
            if (mark == Mark::under_way) {
                return true;
            }
            mark = Mark::under_way;
            for (const auto& before : step->after) {
                if (before != name && visit(before)) {
                    return true;
                }
            }
            marks[name] = Mark::done;
            way.pop_back();
            return false;
        };
        for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
            if (visit(plan_.steps[i].name)) {
                way.erase(way.begin(), std::ranges::find(way, way.back()));
                complain(
                    fmt::format("steps[{}].after", i),
                    fmt::format("each waits for the next: {}", fmt::join(way, " -> "))
                );
                return;
            }
        }
    }

    const Plan& plan_;
    std::vector<Problem> problems_;
    std::vector<std::string> common_;  ///< names that every template of a task may use
};

}  // namespace

std::vector<Problem> plan_problems(const Plan& plan) {
    return Check{plan}.run();
}

}  // namespace kiln::release
