#pragma once

#include "base/error.hpp"

#include <string_view>

struct sqlite3;

namespace kiln::sqlite {

/// What an SQLite result code means for the caller: the one table of this adapter.
/// @param code          a result code, extended or primary
/// @param system_errno  errno behind it (sqlite3_system_errno), 0 when there is none
/// Source: https://www.sqlite.org/rescode.html
[[nodiscard]] ErrorKind error_kind(int code, int system_errno) noexcept;

/// `doing` is a present phrase with its object: "open '/x/kiln.db'".
[[nodiscard]] Error to_error(
    int code, int system_errno, std::string_view message, std::string_view doing
);

/// Throws what the connection last complained about.
[[noreturn]] void throw_error(sqlite3* connection, int code, std::string_view doing);

}  // namespace kiln::sqlite
