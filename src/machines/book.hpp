#pragma once

#include "machines/machine.hpp"
#include "ports/machine_store.hpp"

#include <map>
#include <string>

namespace kiln::machines {

/// All that is durable, by ARN.
struct Book {
    std::map<std::string, MachinePtr, std::less<>> machines;
    std::map<std::string, ActivityPtr, std::less<>> activities;
    ports::RevisionNumber last_revision = 0;

    [[nodiscard]] const Machine* machine(std::string_view arn) const;
    [[nodiscard]] const Activity* activity(std::string_view arn) const;

    /// In place of what was there; nullptr: it goes.
    void put(const std::string& arn, MachinePtr machine);
    void put(const std::string& arn, ActivityPtr activity);
};

/// @throws Error by the store · corrupt: a row refers to one that is not there
[[nodiscard]] Book load(ports::MachineStore& store);

}  // namespace kiln::machines
