#pragma once

#include "base/error.hpp"

#include <optional>
#include <ostream>
#include <string>

namespace kiln {

/// For GoogleTest's messages.
inline void PrintTo(ErrorKind kind, std::ostream* out) {
    *out << to_string(kind);
}

/// The error that `call` throws; nullopt when it throws none.
template <class Call>
[[nodiscard]] std::optional<Error> error_of(Call&& call) {
    try {
        call();
    } catch (const Error& error) {
        return error;
    }
    return std::nullopt;
}

template <class Call>
[[nodiscard]] std::optional<ErrorKind> kind_of(Call&& call) {
    const auto error = error_of(call);
    return error ? std::optional{error->kind()} : std::nullopt;
}

/// Its text, "" when nothing is thrown.
template <class Call>
[[nodiscard]] std::string message_of(Call&& call) {
    const auto error = error_of(call);
    return error ? error->message() : "";
}

}  // namespace kiln
