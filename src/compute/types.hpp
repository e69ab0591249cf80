#pragma once

#include "base/bytes.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// What a machine of the local cloud may have: the table of instance types.
namespace kiln::compute {

enum class Family {
    container,  ///< "ct.*": a container over the mounted root
    machine,    ///< "vm.*": a QEMU machine over the volume's disk
};

struct InstanceType {
    std::string_view name;  ///< "ct.small"
    Family family = Family::container;
    unsigned vcpus = 1;
    Bytes memory;
    std::uint64_t processes = 0;  ///< at most, of a container; 0: the guest's own affair
};

/// All of them, the smallest of a family first.
[[nodiscard]] std::span<const InstanceType> instance_types() noexcept;

/// @throws Error  invalid: unknown; the message names the nearest
[[nodiscard]] const InstanceType& instance_type(std::string_view name);

}  // namespace kiln::compute
