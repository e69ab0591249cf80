#include "jail/jail.hpp"
#include "jail/operations.hpp"
#include "jail/seccomp_rules.hpp"

namespace kiln::jail {

std::vector<std::string> jail_arguments(const JailPlan& plan, const JailSupport& support) {
    std::vector<std::string> arguments{"bwrap"};
    for (auto& operation : operations(plan, support)) {
        std::ranges::move(operation.arguments, std::back_inserter(arguments));
    }
    arguments.emplace_back("--");
    arguments.insert(arguments.end(), plan.command.begin(), plan.command.end());
    return arguments;
}

json::object explain(const JailPlan& plan) {
    JailSupport support;
    support.hidden_files = telling_files();
    json::array steps;
    for (auto& operation : operations(plan, support)) {
        if (operation.secret) {
            operation.arguments.back() = "…";
        }
        steps.push_back(json::object{
            {"arguments", json::value_from(operation.arguments)},
            {"why", operation.reason},
        });
    }
    json::array files;
    for (const auto& file : plan.files) {
        files.push_back(json::object{{"path", file.inside}, {"bytes", file.bytes.size()}});
    }
    json::array refused;
    for (const auto& rule : seccomp_rules()) {
        refused.push_back(json::object{
            {"call", rule.call}, {"when", rule.when()}, {"why", rule.reason}});
    }
    return {
        {"program", "bwrap"},
        {"operations", std::move(steps)},
        {"files", std::move(files)},
        {"refused_system_calls", std::move(refused)},
        {"command", json::value_from(plan.command)},
    };
}

}  // namespace kiln::jail
