#include "ports/ledger.hpp"

#include <array>

#include <fmt/format.h>

namespace kiln::ports {

std::string_view to_string(ResourceKind kind) noexcept {
    switch (kind) {
        case ResourceKind::process:
            return "process";
        case ResourceKind::mount:
            return "mount";
        case ResourceKind::loop:
            return "loop";
        case ResourceKind::cgroup:
            return "cgroup";
        case ResourceKind::folder:
            return "folder";
        case ResourceKind::layer:
            return "layer";
        case ResourceKind::volume:
            return "volume";
        case ResourceKind::snapshot:
            return "snapshot";
        case ResourceKind::image:
            return "image";
        case ResourceKind::bake:
            return "bake";
        case ResourceKind::message:
            return "message";
        case ResourceKind::firewall:
            return "firewall";
    }
    return "unknown";
}

ResourceKind resource_kind(std::string_view word) {
    using enum ResourceKind;
    for (const auto kind :
         {process,
          mount,
          loop,
          cgroup,
          folder,
          layer,
          volume,
          snapshot,
          image,
          bake,
          message,
          firewall}) {
        if (to_string(kind) == word) {
            return kind;
        }
    }
    throw Error{
        ErrorKind::corrupt,
        fmt::format("the ledger names an unknown kind of resource, '{}'", word)};
}

}  // namespace kiln::ports
