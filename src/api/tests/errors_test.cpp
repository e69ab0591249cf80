#include "api/errors.hpp"

#include <gtest/gtest.h>

namespace kiln::api {
namespace {

TEST(Errors, EachKindHasItsStatus) {
    const std::pair<ErrorKind, int> table[] = {
        {ErrorKind::invalid, 400},
        {ErrorKind::denied, 403},
        {ErrorKind::not_found, 404},
        {ErrorKind::conflict, 409},
        {ErrorKind::exhausted, 429},
        {ErrorKind::unavailable, 503},
        {ErrorKind::cancelled, 503},
        {ErrorKind::timed_out, 504},
        {ErrorKind::corrupt, 500},
        {ErrorKind::internal, 500},
    };
    for (const auto& [kind, status] : table) {
        EXPECT_EQ(status_of(kind), status) << to_string(kind);
    }
}

TEST(Errors, TheBodyNamesEverythingThatHelps) {
    const Error error{"bad request", {{"name", "too short"}, {"parent", "missing"}}};
    EXPECT_EQ(
        json::serialize(error_body(error, "req-1").at("error").at("problems")),
        R"([{"where":"name","what":"too short"},{"where":"parent","what":"missing"}])"
    );
    const auto plain = error_body(
        Error{ErrorKind::exhausted, "the disk is full"}
            .hint("make room")
            .retry_after(std::chrono::seconds{7}),
        "req-2"
    );
    EXPECT_EQ(
        json::serialize(plain),
        R"({"error":{"kind":"exhausted","message":"the disk is full","problems":[],)"
        R"("hint":"make room","request_id":"req-2","retry_after_seconds":7}})"
    );
}

TEST(Errors, WhatTheStandardLibraryThrowsHasAKind) {
    const auto kind_of = [](auto thrown) {
        return as_error(std::make_exception_ptr(thrown)).kind();
    };
    EXPECT_EQ(kind_of(std::bad_alloc{}), ErrorKind::exhausted);
    EXPECT_EQ(kind_of(std::runtime_error{"x"}), ErrorKind::internal);
    EXPECT_EQ(kind_of(3), ErrorKind::internal);
    EXPECT_EQ(kind_of(Error(ErrorKind::denied, "no")), ErrorKind::denied);
}

}  // namespace
}  // namespace kiln::api
