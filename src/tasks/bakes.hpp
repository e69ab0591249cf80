#pragma once

#include "base/json.hpp"

#include <functional>
#include <string>

namespace kiln::tasks {

/// The bakery, as tasks see it. Safe from several threads.
class Bakes {
  public:
    virtual ~Bakes() = default;

    /// Submits a request. The same key again is the same bake. May block on the store.
    /// @returns  the bake's record, as the native API shows it
    /// @throws Error  invalid: all that is wrong with the request
    [[nodiscard]] virtual json::object submit(
        const std::string& request, const std::string& key
    ) = 0;

    struct Outcome {
        bool succeeded = false;
        json::object record;
    };

    /// `over` is called once, on any thread: when it has ended, or is forgotten.
    virtual void when_over(const std::string& bake, std::function<void(Outcome)> over) = 0;

    /// Asks for its end.
    virtual void cancel(const std::string& bake) = 0;
};

}  // namespace kiln::tasks
