#include "machines/machine.hpp"

#include <fmt/format.h>

namespace kiln::machines {

std::string_view to_string(MachineType type) noexcept {
    return type == MachineType::standard ? "STANDARD" : "EXPRESS";
}

std::string_view to_string(MachineStatus status) noexcept {
    return status == MachineStatus::active ? "ACTIVE" : "DELETING";
}

const Version* Machine::published() const noexcept {
    for (auto at = versions.rbegin(); at != versions.rend(); ++at) {
        if (at->second.revision->number == current->number) {
            return &at->second;
        }
    }
    return nullptr;
}

std::string Machine::version_arn(std::int64_t number) const {
    return fmt::format("{}:{}", arn, number);
}

std::string Machine::alias_arn(std::string_view alias) const {
    return fmt::format("{}:{}", arn, alias);
}

}  // namespace kiln::machines
