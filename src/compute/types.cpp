#include "compute/types.hpp"

#include "base/error.hpp"
#include "base/suggest.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace kiln::compute {

namespace {

using namespace literals;

constexpr std::array kTypes{
    InstanceType{"ct.nano", Family::container, 1, 128_MiB, 256},
    InstanceType{"ct.micro", Family::container, 1, 256_MiB, 512},
    InstanceType{"ct.small", Family::container, 1, 512_MiB, 1024},
    InstanceType{"ct.medium", Family::container, 2, 1_GiB, 2048},
    InstanceType{"ct.large", Family::container, 4, 4_GiB, 8192},
    InstanceType{"vm.nano", Family::machine, 1, 256_MiB, 0},
    InstanceType{"vm.micro", Family::machine, 1, 512_MiB, 0},
    InstanceType{"vm.small", Family::machine, 1, 1_GiB, 0},
    InstanceType{"vm.medium", Family::machine, 2, 2_GiB, 0},
    InstanceType{"vm.large", Family::machine, 4, 8_GiB, 0},
};

}  // namespace

std::span<const InstanceType> instance_types() noexcept {
    return kTypes;
}

const InstanceType& instance_type(std::string_view name) {
    const auto* found = std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& type) {
        return type.name == name;
    });
    if (found != kTypes.end()) {
        return *found;
    }
    std::vector<std::string> names;
    for (const auto& type : kTypes) {
        names.emplace_back(type.name);
    }
    throw Error{
        ErrorKind::invalid,
        "there is no instance type '" + std::string{name} + "'" + did_you_mean(name, names)}
        .hint("ct.nano, ct.micro, ct.small, ct.medium, ct.large, and the same with vm.");
}

}  // namespace kiln::compute
