#include "api/errors.hpp"

#include <filesystem>
#include <new>

namespace kiln::api {

int status_of(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::invalid:
            return 400;
        case ErrorKind::denied:
            return 403;
        case ErrorKind::not_found:
            return 404;
        case ErrorKind::conflict:
            return 409;
        case ErrorKind::exhausted:
            return 429;
        case ErrorKind::unavailable:
        case ErrorKind::cancelled:  // the server is going down: another try finds it up again
            return 503;
        case ErrorKind::timed_out:
            return 504;
        case ErrorKind::corrupt:
        case ErrorKind::internal:
            return 500;
    }
    return 500;
}

json::object error_body(const Error& error, std::string_view request_id) {
    json::array problems;
    for (const auto& problem : error.problems()) {
        problems.push_back({{"where", problem.where}, {"what", problem.what}});
    }
    json::object body{
        {"kind", to_string(error.kind())},
        {"message", error.message()},
        {"problems", std::move(problems)},
        {"hint", nullptr},
        {"request_id", request_id},
        {"retry_after_seconds", nullptr},
    };
    if (!error.hint().empty()) {
        body["hint"] = error.hint();
    }
    if (error.retry_after()) {
        body["retry_after_seconds"] = error.retry_after()->count();
    }
    return {{"error", std::move(body)}};
}

json::object plain_error_body(const Error& error, std::string_view /*request_id*/) {
    if (error.problems().empty()) {
        const auto& hint = error.hint();
        return {{"error", hint.empty() ? error.message() : error.message() + " (" + hint + ")"}};
    }
    json::array all;
    for (const auto& problem : error.problems()) {
        all.emplace_back(
            problem.where.empty() ? problem.what : problem.where + ": " + problem.what
        );
    }
    return {{"errors", std::move(all)}};
}

Error as_error(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const Error& error) {
        return error;
    } catch (const std::filesystem::filesystem_error& error) {
        return Error::from_errno(error.code().value(), error.what());
    } catch (const std::bad_alloc&) {
        return {ErrorKind::exhausted, "out of memory"};
    } catch (const std::exception& error) {
        return {ErrorKind::internal, error.what()};
    } catch (...) {
        return {ErrorKind::internal, "an exception of an unknown type"};
    }
}

}  // namespace kiln::api
