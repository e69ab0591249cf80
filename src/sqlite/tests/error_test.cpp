#include "sqlite/error.hpp"

#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

namespace kiln::sqlite {
namespace {

struct Row {
    std::string name;
    int code;
    int system_errno;
    ErrorKind kind;
};

class SqliteError : public ::testing::TestWithParam<Row> {};

TEST_P(SqliteError, HasItsKind) {
    EXPECT_EQ(error_kind(GetParam().code, GetParam().system_errno), GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    SqliteError,
    ::testing::Values(
        Row{"Full", SQLITE_FULL, 0, ErrorKind::exhausted},
        Row{"NoMemory", SQLITE_NOMEM, 0, ErrorKind::exhausted},
        Row{"Busy", SQLITE_BUSY, 0, ErrorKind::unavailable},
        Row{"BusySnapshot", SQLITE_BUSY_SNAPSHOT, 0, ErrorKind::unavailable},
        Row{"Locked", SQLITE_LOCKED, 0, ErrorKind::unavailable},
        Row{"Protocol", SQLITE_PROTOCOL, 0, ErrorKind::unavailable},
        Row{"Schema", SQLITE_SCHEMA, 0, ErrorKind::unavailable},
        Row{"Corrupt", SQLITE_CORRUPT, 0, ErrorKind::corrupt},
        Row{"CorruptIndex", SQLITE_CORRUPT_INDEX, 0, ErrorKind::corrupt},
        Row{"NotADatabase", SQLITE_NOTADB, 0, ErrorKind::corrupt},
        Row{"Format", SQLITE_FORMAT, 0, ErrorKind::corrupt},
        Row{"ReadOnly", SQLITE_READONLY, 0, ErrorKind::denied},
        Row{"ReadOnlyFolder", SQLITE_READONLY_DIRECTORY, 0, ErrorKind::denied},
        Row{"Permission", SQLITE_PERM, 0, ErrorKind::denied},
        Row{"Authorization", SQLITE_AUTH, 0, ErrorKind::denied},
        Row{"Unique", SQLITE_CONSTRAINT_UNIQUE, 0, ErrorKind::conflict},
        Row{"ForeignKey", SQLITE_CONSTRAINT_FOREIGNKEY, 0, ErrorKind::conflict},
        Row{"TooBig", SQLITE_TOOBIG, 0, ErrorKind::invalid},
        Row{"Interrupt", SQLITE_INTERRUPT, 0, ErrorKind::cancelled},
        Row{"NoSuchFile", SQLITE_CANTOPEN, ENOENT, ErrorKind::not_found},
        Row{"MayNotOpen", SQLITE_CANTOPEN, EACCES, ErrorKind::denied},
        Row{"TooManyOpen", SQLITE_CANTOPEN, EMFILE, ErrorKind::exhausted},
        Row{"CannotOpen", SQLITE_CANTOPEN, 0, ErrorKind::internal},
        Row{"Io", SQLITE_IOERR, EIO, ErrorKind::internal},
        Row{"IoSync", SQLITE_IOERR_FSYNC, EIO, ErrorKind::internal},
        Row{"IoWithoutRoom", SQLITE_IOERR_SHMSIZE, ENOSPC, ErrorKind::exhausted},
        Row{"IoOverQuota", SQLITE_IOERR_WRITE, EDQUOT, ErrorKind::exhausted},
        Row{"IoReadOnlyMount", SQLITE_IOERR_WRITE, EROFS, ErrorKind::denied},
        Row{"IoNoMemory", SQLITE_IOERR_NOMEM, 0, ErrorKind::exhausted},
        Row{"IoCorruptFileSystem", SQLITE_IOERR_CORRUPTFS, 0, ErrorKind::corrupt},
        Row{"Misuse", SQLITE_MISUSE, 0, ErrorKind::internal},
        Row{"Generic", SQLITE_ERROR, 0, ErrorKind::internal}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(SqliteErrorText, NamesWhatWasDoneAndTheRemedy) {
    const auto error = to_error(SQLITE_FULL, 0, "database or disk is full", "open '/x/kiln.db'");
    EXPECT_EQ(error.message(), "open '/x/kiln.db': database or disk is full (SQLite 13)");
    EXPECT_THAT(error.hint(), ::testing::HasSubstr("free disk space"));
}

}  // namespace
}  // namespace kiln::sqlite
