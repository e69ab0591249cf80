#include "sqlite/error.hpp"

#include <cerrno>

#include <fmt/format.h>
#include <sqlite3.h>

namespace kiln::sqlite {

namespace {

bool is_out_of_room(int system_errno) {
    return system_errno == ENOSPC || system_errno == EDQUOT || system_errno == ENOMEM ||
           system_errno == EMFILE || system_errno == ENFILE;
}

bool is_refusal(int system_errno) {
    return system_errno == EACCES || system_errno == EPERM || system_errno == EROFS;
}

ErrorKind io_kind(int code, int system_errno) {
    if (code == SQLITE_IOERR_NOMEM || is_out_of_room(system_errno)) {
        return ErrorKind::exhausted;
    }
    if (code == SQLITE_IOERR_CORRUPTFS) {
        return ErrorKind::corrupt;
    }
    return is_refusal(system_errno) ? ErrorKind::denied : ErrorKind::internal;
}

std::string_view remedy(ErrorKind kind, int primary) {
    if (kind == ErrorKind::exhausted && primary != SQLITE_NOMEM) {
        return "free disk space where KILN_HOME lies, then try again";
    }
    if (kind == ErrorKind::corrupt) {
        return "keep the file and its -wal for inspection; put a backup in its place";
    }
    if (kind == ErrorKind::denied) {
        return "check who owns KILN_HOME and whether its file system is writable";
    }
    if (primary == SQLITE_BUSY) {
        return "another process holds the store; look for one that is stopped or hangs";
    }
    return "";
}

}  // namespace

ErrorKind error_kind(int code, int system_errno) noexcept {
    switch (code & 0xff) {
        case SQLITE_FULL:
        case SQLITE_NOMEM:
            return ErrorKind::exhausted;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
        case SQLITE_SCHEMA:
            return ErrorKind::unavailable;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_FORMAT:
            return ErrorKind::corrupt;
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return ErrorKind::denied;
        case SQLITE_CONSTRAINT:
            return ErrorKind::conflict;
        case SQLITE_TOOBIG:
            return ErrorKind::invalid;
        case SQLITE_INTERRUPT:
            return ErrorKind::cancelled;
        case SQLITE_CANTOPEN:
            return system_errno == ENOENT ? ErrorKind::not_found : io_kind(code, system_errno);
        case SQLITE_IOERR:
            return io_kind(code, system_errno);
        default:
            return ErrorKind::internal;
    }
}

Error to_error(int code, int system_errno, std::string_view message, std::string_view doing) {
    const auto kind = error_kind(code, system_errno);
    Error error{kind, fmt::format("{}: {} (SQLite {})", doing, message, code)};
    if (const auto text = remedy(kind, code & 0xff); !text.empty()) {
        return std::move(error).hint(std::string{text});
    }
    return error;
}

void throw_error(sqlite3* connection, int code, std::string_view doing) {
    const char* message = connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
    const int system_errno = connection != nullptr ? sqlite3_system_errno(connection) : 0;
    throw to_error(code, system_errno, message, doing);
}

}  // namespace kiln::sqlite
