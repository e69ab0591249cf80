#pragma once

#include "base/error.hpp"

#include <optional>
#include <utility>

namespace kiln::ports::testing {

/// The kind of error that `call` ends with; nullopt when it ends well.
template <class Call>
std::optional<ErrorKind> kind_of(Call&& call) {
    try {
        std::forward<Call>(call)();
    } catch (const Error& error) {
        return error.kind();
    }
    return std::nullopt;
}

}  // namespace kiln::ports::testing
