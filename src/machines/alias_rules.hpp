#pragma once

#include "machines/rules.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Aliases: what they may be, and where they lead. Pure.
namespace kiln::machines {

/// Routes as far as they can be judged without the machine: distinct versions of one machine,
/// weights that add up to 100.
struct CheckedRoutes {
    std::string machine_arn;
    std::vector<Route> routes;
};

/// Refused: ValidationException · InvalidArn
[[nodiscard]] Result<CheckedRoutes> check_routes(const std::vector<GivenRoute>& given);

/// @param there  the machine that the routes name; nullptr: none
/// The same again is the same answer. Refused: ResourceNotFound · StateMachineDeleting ·
/// ConflictException · ServiceQuotaExceededException
[[nodiscard]] Decided<Machine, CreatedAlias> create_alias(
    const Machine* there,
    const CreateAlias& command,
    const std::vector<Route>& routes,
    const Facts& facts
);

struct AliasChange {
    std::string name;
    std::optional<std::string> description;
    std::optional<CheckedRoutes> routes;
};

/// Refused: ResourceNotFound · StateMachineDeleting · ValidationException: versions of another
/// machine
[[nodiscard]] Decided<Machine, TimePoint> update_alias(
    const Machine* there, const AliasChange& command, const Facts& facts
);

/// One that is not there is success.
[[nodiscard]] Decided<Machine, Done> delete_alias(const Machine* there, std::string_view name);

/// The version that this random number leads to.
/// @param random  all 64 bits
[[nodiscard]] std::int64_t choose(const std::vector<Route>& routes, std::uint64_t random) noexcept;

}  // namespace kiln::machines
