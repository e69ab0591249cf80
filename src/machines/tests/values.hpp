#pragma once

#include "machines/machine_rules.hpp"
#include "machines/rules.hpp"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// Values that the tests of rules begin with.
namespace kiln::machines::testing {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kArn = "arn:aws:states:us-east-1:000000000000:stateMachine:m";

inline Facts facts(ports::RevisionNumber next_revision = 7) {
    Facts facts;
    facts.now = TimePoint{std::chrono::seconds{next_revision}};
    facts.next_revision = next_revision;
    facts.uuid = "uuid";
    return facts;
}

inline CheckedMachine checked_machine() {
    CheckedMachine checked;
    checked.arn = kArn;
    checked.command.name = "m";
    checked.command.definition = "text";
    checked.command.role = "role";
    checked.configuration = default_configuration();
    checked.digest = "digest";
    return checked;
}

template <class Thing, class Answer>
const Decision<Thing, Answer>& decision(const Decided<Thing, Answer>& decided) {
    const auto* const refusal = std::get_if<Refusal>(&decided);
    if (refusal != nullptr) {
        ADD_FAILURE() << refusal->code << ": " << refusal->message;
    }
    return std::get<Decision<Thing, Answer>>(decided);
}

template <class Thing, class Answer>
std::string code_of(const Decided<Thing, Answer>& decided) {
    const auto* const refusal = std::get_if<Refusal>(&decided);
    return refusal == nullptr ? "not refused" : refusal->code;
}

/// What there is when it is done.
template <class Thing, class Answer>
Thing after(const Decided<Thing, Answer>& decided) {
    return *decision(decided).after;
}

inline Machine machine() {
    return after(create_machine(nullptr, checked_machine(), facts()));
}

/// With its current revision as a version.
inline Machine published(const Machine& there) {
    return after(publish_version(&there, {there.arn, std::nullopt, std::nullopt}, facts()));
}

}  // namespace kiln::machines::testing
