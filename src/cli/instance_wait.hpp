#pragma once

#include "cli/services.hpp"
#include "ports/instances.hpp"

#include <vector>

namespace kiln::cli {

/// The instance with that id, or the newest that is not terminated with that tag Name.
/// @throws Error  not_found
[[nodiscard]] ports::Instance find_instance(
    ports::Instances& instances, const std::string& reference
);

/// Waits until none of them is in a state that passes by itself, and tells each change on stderr.
/// @returns  as they are then. @throws Error  timed_out · cancelled
std::vector<ports::Instance> wait_settled(
    Context& context, const std::vector<InstanceId>& ids, Deadline deadline
);

/// As a document, or as a table.
void print_instances(Context& context, const std::vector<ports::Instance>& instances);

/// This process becomes another program, with its standard descriptors. Returns only by an error.
/// @throws Error  not_found
[[noreturn]] void become(const std::vector<std::string>& argv);

/// The id of the security group with that id or name. @throws Error  not_found
[[nodiscard]] std::string find_group(ports::SecurityGroups& groups, const std::string& reference);

}  // namespace kiln::cli
