#include "base/error.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

namespace kiln {

std::string_view to_string(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::invalid:
            return "invalid";
        case ErrorKind::not_found:
            return "not_found";
        case ErrorKind::conflict:
            return "conflict";
        case ErrorKind::denied:
            return "denied";
        case ErrorKind::exhausted:
            return "exhausted";
        case ErrorKind::unavailable:
            return "unavailable";
        case ErrorKind::timed_out:
            return "timed_out";
        case ErrorKind::cancelled:
            return "cancelled";
        case ErrorKind::corrupt:
            return "corrupt";
        case ErrorKind::internal:
            return "internal";
    }
    return "internal";
}

int exit_code(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::invalid:
            return 2;
        case ErrorKind::denied:
            return 3;
        case ErrorKind::not_found:
            return 4;
        case ErrorKind::conflict:
            return 5;
        case ErrorKind::exhausted:
            return 6;
        case ErrorKind::unavailable:
        case ErrorKind::timed_out:
            return 7;
        case ErrorKind::cancelled:
            return 130;
        case ErrorKind::corrupt:
        case ErrorKind::internal:
            return 1;
    }
    return 1;
}

namespace {

ErrorKind kind_of_errno(int err) noexcept {
    switch (err) {
        case EACCES:
        case EPERM:
        case EROFS:
            return ErrorKind::denied;
        case ENOENT:
        case ENOTDIR:
        case ESRCH:
        case ENODEV:
        case ENXIO:
            return ErrorKind::not_found;
        case EEXIST:
        case ENOTEMPTY:
        case EBUSY:
        case ETXTBSY:
            return ErrorKind::conflict;
        case ENOSPC:
        case EDQUOT:
        case EMFILE:
        case ENFILE:
        case ENOMEM:
            return ErrorKind::exhausted;
        case EAGAIN:
        case ECONNREFUSED:
        case ECONNRESET:
        case EPIPE:
        case ENOTCONN:
            return ErrorKind::unavailable;
        case ETIMEDOUT:
            return ErrorKind::timed_out;
        case EINTR:
        case ECANCELED:
            return ErrorKind::cancelled;
        case ENAMETOOLONG:
        case ELOOP:
        case EXDEV:
        case EINVAL:
            return ErrorKind::invalid;
        default:
            return ErrorKind::internal;
    }
}

std::string list(std::string_view summary, const std::vector<Problem>& problems) {
    if (problems.size() == 1) {
        return fmt::format("{}: {}: {}", summary, problems[0].where, problems[0].what);
    }
    std::string text{summary};
    for (const auto& problem : problems) {
        text += fmt::format("\n  {}: {}", problem.where, problem.what);
    }
    return text;
}

}  // namespace

Error::Error(ErrorKind kind, std::string message) : kind_{kind}, message_{std::move(message)} {}

Error::Error(std::string_view summary, std::vector<Problem> problems)
    : kind_{ErrorKind::invalid},
      message_{list(summary, problems)},
      problems_{std::move(problems)} {}

Error Error::from_errno(int err, std::string_view doing) {
    return {kind_of_errno(err), fmt::format("{}: {}", doing, std::strerror(err))};
}

Error&& Error::while_(std::string_view doing) && {
    message_ = fmt::format("{}: {}", doing, message_);
    return std::move(*this);
}

Error Error::while_(std::string_view doing) const& {
    return Error{*this}.while_(doing);
}

Error&& Error::retry_after(std::chrono::seconds delay) && {
    retry_after_ = delay;
    return std::move(*this);
}

Error&& Error::hint(std::string text) && {
    hint_ = std::move(text);
    return std::move(*this);
}

void throw_errno(std::string_view doing) {
    throw Error::from_errno(errno, doing);
}

void check_failed(const char* expression, const char* file, int line) noexcept {
    std::fprintf(stderr, "kiln: broken invariant at %s:%d: %s\n", file, line, expression);
    std::abort();
}

}  // namespace kiln
