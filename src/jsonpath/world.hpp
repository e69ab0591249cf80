#pragma once

#include "base/json.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace kiln::jsonpath {

/// The document that a path starts from.
enum class RootKind {
    input,     ///< `$`: what the field sees as its input
    context,   ///< `$$`: the context object
    variable,  ///< `$name`
};

struct Root {
    RootKind kind = RootKind::input;
    std::string variable;  ///< the name without `$`; empty for the other kinds

    bool operator==(const Root&) const = default;
};

/// Gives the document of a root; nullptr: there is none (a variable that nobody has assigned).
/// The document has to stay, unchanged, until what was found in it is no longer used.
using Resolver = std::function<const json::value*(const Root&)>;

/// What expressions ask of the outside: chance, injected so that an evaluation can be repeated.
class World {
  public:
    World() = default;
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    virtual ~World() = default;

    /// 64 even bits, for `States.MathRandom` without a seed.
    virtual std::uint64_t random_bits() = 0;
    /// A UUID of version 4, lower case, for `States.UUID`.
    virtual std::string uuid() = 0;
};

}  // namespace kiln::jsonpath
