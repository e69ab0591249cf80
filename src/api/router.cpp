#include "api/router.hpp"

#include "api/errors.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace kiln::api {

namespace {

/// Cuts the first segment off: "/a/b" gives "a" and leaves "/b".
std::string_view next_segment(std::string_view& path) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

bool answers(const Route& route, std::string_view method) {
    return route.method == method || (method == "HEAD" && route.method == "GET");
}

}  // namespace

std::optional<std::map<std::string, std::string, std::less<>>> match_path(
    std::string_view pattern, std::string_view path
) {
    std::map<std::string, std::string, std::less<>> values;
    while (pattern.starts_with('/') && path.starts_with('/')) {
        const auto wanted = next_segment(pattern);
        const auto given = next_segment(path);
        if (wanted.starts_with('{')) {
            if (given.empty()) {
                return std::nullopt;
            }
            values.emplace(wanted.substr(1, wanted.size() - 2), net::percent_decoded(given));
        } else if (wanted != given) {
            return std::nullopt;
        }
    }
    return pattern.empty() && path.empty() ? std::optional{std::move(values)} : std::nullopt;
}

Router::Router(TokenAuth token, std::vector<Route> routes)
    : token_{std::move(token)}, routes_{std::move(routes)} {}

std::optional<std::size_t> Router::find(std::string_view method, std::string_view path) const {
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        if (answers(routes_[i], method) && match_path(routes_[i].pattern, path)) {
            return i;
        }
    }
    return std::nullopt;
}

bool Router::admits(const net::Request& request, Reply& reply) const {
    const auto route = find(request.method, request.path());
    if (route && routes_[*route].access == Access::open) {
        return true;
    }
    const auto verdict = token_.check(request.headers.find("Authorization"));
    if (verdict == TokenAuth::Verdict::good) {
        return true;
    }
    reply.error(
        401,
        Error{
            ErrorKind::denied,
            verdict == TokenAuth::Verdict::missing ? "this route wants a bearer token"
                                                   : "the bearer token is wrong"}
            .hint("Authorization: Bearer TOKEN, with the token that `kiln credentials` shows"),
        {{"WWW-Authenticate", "Bearer realm=\"kiln\""}}
    );
    return false;
}

void Router::refuse(const net::Request& request, Reply& reply) const {
    std::set<std::string> methods;
    for (const auto& route : routes_) {
        if (match_path(route.pattern, request.path())) {
            methods.insert(route.method);
        }
    }
    if (methods.contains("GET")) {
        methods.insert("HEAD");
    }
    if (methods.empty()) {
        reply.error(404, Error{ErrorKind::not_found, fmt::format("no route '{}'", request.path())});
        return;
    }
    const auto allowed = fmt::format("{}", fmt::join(methods, ", "));
    reply.error(
        405,
        Error{
            ErrorKind::invalid,
            fmt::format(
                "'{}' does not take {}; it takes {}", request.path(), request.method, allowed
            )},
        {{"Allow", allowed}}
    );
}

void Router::handle(net::Request request, net::Responder responder, std::string request_id) const {
    Reply reply{std::move(responder), request_id};
    try {
        if (!admits(request, reply)) {
            return;
        }
        const auto found = find(request.method, request.path());
        if (!found) {
            refuse(request, reply);
            return;
        }
        const auto& route = routes_[*found];
        auto values = *match_path(route.pattern, request.path());
        Call call{std::move(request), std::move(request_id), std::move(values), route.query};
        route.answer(call, reply);
    } catch (...) {
        if (!reply) {
            throw;  // the answer is under way already; the server logs what went wrong
        }
        reply.error(as_error(std::current_exception()));
    }
}

}  // namespace kiln::api
