#pragma once

#include "asl/refusal.hpp"

#include <string>
#include <string_view>

namespace kiln::api::states {

/// AWS' error: name, and message.
using Failure = asl::Refusal;

/// What a request may not ask.
[[nodiscard]] inline Failure invalid(std::string message) {
    return {"ValidationException", std::move(message)};
}

/// HTTP's status of an error by its name: 400 for what the caller did.
[[nodiscard]] constexpr unsigned status_of(std::string_view code) noexcept {
    return code == "InternalFailure" ? 500 : code == "ServiceUnavailable" ? 503 : 400;
}

}  // namespace kiln::api::states
