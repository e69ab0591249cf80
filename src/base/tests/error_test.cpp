#include "base/error.hpp"

#include "base/testing/kind_of.hpp"

#include <cerrno>

#include <gmock/gmock.h>

namespace kiln {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct ErrnoRow {
    const char* name;
    int err;
    ErrorKind kind;
};

class Errno : public ::testing::TestWithParam<ErrnoRow> {};

TEST_P(Errno, HasItsKind) {
    EXPECT_EQ(Error::from_errno(GetParam().err, "x").kind(), GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Errno,
    ::testing::ValuesIn(std::vector<ErrnoRow>{
        {"EACCES", EACCES, ErrorKind::denied},
        {"EPERM", EPERM, ErrorKind::denied},
        {"EROFS", EROFS, ErrorKind::denied},
        {"ENOENT", ENOENT, ErrorKind::not_found},
        {"ENOTDIR", ENOTDIR, ErrorKind::not_found},
        {"ESRCH", ESRCH, ErrorKind::not_found},
        {"ENODEV", ENODEV, ErrorKind::not_found},
        {"EEXIST", EEXIST, ErrorKind::conflict},
        {"EBUSY", EBUSY, ErrorKind::conflict},
        {"ENOTEMPTY", ENOTEMPTY, ErrorKind::conflict},
        {"ENOSPC", ENOSPC, ErrorKind::exhausted},
        {"EDQUOT", EDQUOT, ErrorKind::exhausted},
        {"EMFILE", EMFILE, ErrorKind::exhausted},
        {"ENOMEM", ENOMEM, ErrorKind::exhausted},
        {"ECONNREFUSED", ECONNREFUSED, ErrorKind::unavailable},
        {"EPIPE", EPIPE, ErrorKind::unavailable},
        {"ETIMEDOUT", ETIMEDOUT, ErrorKind::timed_out},
        {"ECANCELED", ECANCELED, ErrorKind::cancelled},
        {"EINVAL", EINVAL, ErrorKind::invalid},
        {"ELOOP", ELOOP, ErrorKind::invalid},
        {"ENAMETOOLONG", ENAMETOOLONG, ErrorKind::invalid},
        {"EIO", EIO, ErrorKind::internal},
        {"unknown", 4095, ErrorKind::internal},
    }),
    [](const auto& row) { return row.param.name; }
);

struct KindRow {
    const char* name;
    ErrorKind kind;
    int exit_code;
    bool retryable;
};

class Kind : public ::testing::TestWithParam<KindRow> {};

TEST_P(Kind, HasItsNameExitCodeAndAdvice) {
    EXPECT_EQ(to_string(GetParam().kind), GetParam().name);
    EXPECT_EQ(exit_code(GetParam().kind), GetParam().exit_code);
    EXPECT_EQ(retryable(GetParam().kind), GetParam().retryable);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Kind,
    ::testing::ValuesIn(std::vector<KindRow>{
        {"invalid", ErrorKind::invalid, 2, false},
        {"not_found", ErrorKind::not_found, 4, false},
        {"conflict", ErrorKind::conflict, 5, false},
        {"denied", ErrorKind::denied, 3, false},
        {"exhausted", ErrorKind::exhausted, 6, true},
        {"unavailable", ErrorKind::unavailable, 7, true},
        {"timed_out", ErrorKind::timed_out, 7, true},
        {"cancelled", ErrorKind::cancelled, 130, false},
        {"corrupt", ErrorKind::corrupt, 1, false},
        {"internal", ErrorKind::internal, 1, false},
    }),
    [](const auto& row) { return row.param.name; }
);

TEST(Error, ErrnoMessageSaysWhatWasDoneAndWhy) {
    EXPECT_EQ(
        Error::from_errno(ENOENT, "open '/x'").message(), "open '/x': No such file or directory"
    );
}

TEST(Error, ThrowErrnoTakesTheCurrentOne) {
    const auto error = error_of([] {
        errno = ENOSPC;
        throw_errno("write '/x'");
    });
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->kind(), ErrorKind::exhausted);
    EXPECT_STREQ(error->what(), "write '/x': No space left on device");
}

TEST(Error, ContextStandsInFrontAndEverythingElseStays) {
    const auto inner = Error{ErrorKind::unavailable, "no answer"}
                           .hint("try later")
                           .retry_after(std::chrono::seconds{4});
    const auto outer = inner.while_("fetch").while_("bake");
    EXPECT_EQ(outer.message(), "bake: fetch: no answer");
    EXPECT_EQ(outer.kind(), ErrorKind::unavailable);
    EXPECT_EQ(outer.hint(), "try later");
    EXPECT_EQ(outer.retry_after(), std::chrono::seconds{4});
    EXPECT_EQ(inner.message(), "no answer");
}

TEST(Error, OneProblemStandsOnTheSameLine) {
    const Error error{"bad request", {{"name", "is required"}}};
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_EQ(error.message(), "bad request: name: is required");
}

TEST(Error, SeveralProblemsStandOneToALine) {
    const std::vector<Problem> problems{{"name", "is required"}, {"a.b[2]", "must be a string"}};
    const Error error{"bad request", problems};
    EXPECT_EQ(error.message(), "bad request\n  name: is required\n  a.b[2]: must be a string");
    EXPECT_EQ(error.problems(), problems);
}

TEST(ErrorDeathTest, BrokenInvariantAbortsAndSaysWhere) {
    EXPECT_DEATH(
        KILN_CHECK(1 + 1 == 3), "broken invariant at .*error_test.cpp:[0-9]+: 1 \\+ 1 == 3"
    );
}

}  // namespace
}  // namespace kiln
