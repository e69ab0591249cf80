#include "flow/test_state/context_rules.hpp"

#include "flow/test_state/request_rules.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

namespace kiln::flow {
namespace {

enum class Kind { any, string, integer };

struct Member {
    std::string_view name;
    Kind kind = Kind::string;
};

struct Section {
    std::string_view name;
    std::span<const Member> members;
};

constexpr std::array kExecution = {
    Member{"Id"},
    Member{"Input", Kind::any},
    Member{"Name"},
    Member{"RoleArn"},
    Member{"StartTime"},
    Member{"RedriveCount", Kind::integer},
    Member{"RedriveTime"},
};
constexpr std::array kState = {
    Member{"EnteredTime"},
    Member{"Name"},
    Member{"RetryCount", Kind::integer},
};
constexpr std::array kStateMachine = {Member{"Id"}, Member{"Name"}};
constexpr std::array kTask = {Member{"Token"}};

/// The context object of Step Functions, without what a Map adds.
constexpr std::array kSections = {
    Section{"Execution", kExecution},
    Section{"State", kState},
    Section{"StateMachine", kStateMachine},
    Section{"Task", kTask},
};

std::optional<std::string> explain_member(
    const Section& section, std::string_view key, const json::value& value
) {
    const auto* const member = std::ranges::find(section.members, key, &Member::name).base();
    if (member == section.members.data() + section.members.size()) {
        return fmt::format("Field '{}' is not allowed", key);
    }
    if (member->kind == Kind::string && !value.is_string()) {
        return fmt::format("{}.{} must be a string", section.name, key);
    }
    if (member->kind == Kind::integer && !value.is_int64() && !value.is_uint64()) {
        return fmt::format("{}.{} must be an integer", section.name, key);
    }
    return std::nullopt;
}

std::optional<std::string> explain_section(std::string_view key, const json::value& value) {
    if (key == "Map") {
        return "'Map' field is not supported when mocking a Context object";
    }
    const auto* const section = std::ranges::find(kSections, key, &Section::name);
    if (section == kSections.end()) {
        return fmt::format("Field '{}' is not allowed", key);
    }
    const auto* const object = value.if_object();
    if (object == nullptr) {
        return fmt::format("{} must be an object", key);
    }
    for (const auto& member : *object) {
        if (auto why = explain_member(*section, member.key(), member.value())) {
            return why;
        }
    }
    return std::nullopt;
}

/// A task that is awaited: by its job or by a token.
bool is_awaited(const asl::State& state) noexcept {
    const auto* const task = std::get_if<asl::TaskFields>(&state.fields);
    return task != nullptr && task->resource.pattern != asl::Pattern::request_response;
}

}  // namespace

bool has_task_token(const asl::State& state) noexcept {
    const auto* const task = std::get_if<asl::TaskFields>(&state.fields);
    return task != nullptr && (task->resource.kind == asl::ResourceKind::activity ||
                               task->resource.pattern == asl::Pattern::wait_for_task_token);
}

std::optional<std::string> explain_context(std::string_view text, const asl::State& state) {
    const auto value = read_payload(text);
    if (!value) {
        return "Context object must be valid JSON";
    }
    const auto* const object = value->if_object();
    if (object == nullptr) {
        return "Context object must be a JSON object";
    }
    for (const auto& member : *object) {
        if (auto why = explain_section(member.key(), member.value())) {
            return why;
        }
    }
    if (object->contains("Task") && !has_task_token(state) && !is_awaited(state)) {
        return "Context object contains 'Task' when state is not a Task state with a '.sync' or "
               "'.waitForTaskToken' service integration pattern";
    }
    return std::nullopt;
}

}  // namespace kiln::flow
