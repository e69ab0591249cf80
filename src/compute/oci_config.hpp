#pragma once

#include "base/json.hpp"

#include <filesystem>
#include <string>
#include <vector>

/// What a container is, as its runtime reads it. Pure.
namespace kiln::compute {

struct ContainerPlan {
    std::filesystem::path root;  ///< where the root file system is mounted
    std::string hostname;
    std::string network;  ///< path of the network namespace: "/proc/17/fd/5"

    /// Files of the host that stand in for those of the image, read-only.
    struct File {
        std::filesystem::path from;
        std::string to;
    };

    std::vector<File> files;
    std::string init;  ///< path of the first program, inside
};

/// The configuration of the OCI runtime specification, 1.0.
[[nodiscard]] json::object oci_config(const ContainerPlan& plan);

}  // namespace kiln::compute
