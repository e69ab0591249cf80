#pragma once

#include "flow/engine/engine.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace kiln::flow {

/// The state of a distributed Map in a machine; nullptr: none has this label.
[[nodiscard]] const asl::State* find_map(const asl::StateGroup& group, std::string_view label);

/// The label of an ARN ":stateMachine:NAME/LABEL"; "" none.
[[nodiscard]] std::string_view label_of(std::string_view machine_arn);

/// Definitions that executions in memory use; those of Map Runs' children are cut out of their
/// parents'.
class ChildMachines {
  public:
    /// The machine that a stored execution runs. @throws Error  corrupt: there is none any more
    [[nodiscard]] asl::StateMachinePtr machine_of(
        const ports::ExecutionRow& row, Definitions& definitions
    );
    /// What the children of a Map run. `parent` holds the Map.
    [[nodiscard]] asl::StateMachinePtr children_of(
        std::int64_t revision, const asl::StateMachinePtr& parent, std::string_view label
    );

  private:
    [[nodiscard]] asl::StateMachinePtr revision(std::int64_t number, Definitions& definitions);

    std::map<std::int64_t, std::weak_ptr<const asl::StateMachine>> revisions_;
    std::map<std::pair<std::int64_t, std::string>, std::weak_ptr<const asl::StateMachine>> cut_;
};

}  // namespace kiln::flow
