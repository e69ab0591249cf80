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

const Route* Router::near(std::string_view path) const {
    const auto found = std::find_if(routes_.begin(), routes_.end(), [&](const auto& route) {
        return match_path(route.pattern, path).has_value();
    });
    return found == routes_.end() ? nullptr : &*found;
}

std::optional<Via> Router::admit(const net::Request& request, const Route* route, Reply& reply)
    const {
    if (route != nullptr && route->access == Access::open) {
        return Via::nothing;
    }
    const auto given = request.headers.find("Authorization");
    const auto verdict = token_.check(given);
    if (verdict == TokenAuth::Verdict::good) {
        return Via::token;
    }
    const bool secrets = route != nullptr && route->opens;
    const auto password = secrets ? basic_password(given) : std::nullopt;
    if (password) {
        const auto values = *match_path(route->pattern, request.path());
        const auto id = values.find("id");
        if (route->opens(id == values.end() ? "" : id->second, *password)) {
            return Via::secret;
        }
    }
    net::Headers challenge{{"WWW-Authenticate", "Bearer realm=\"kiln\""}};
    if (secrets) {
        challenge.add("WWW-Authenticate", "Basic realm=\"kiln\"");
    }
    reply.error(
        401,
        Error{
            ErrorKind::denied,
            password                                 ? "the secret is wrong"
            : verdict == TokenAuth::Verdict::missing ? "this route wants a bearer token"
                                                     : "the bearer token is wrong"}
            .hint("Authorization: Bearer TOKEN, with the token that `kiln credentials` shows"),
        std::move(challenge)
    );
    return std::nullopt;
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
    const auto* const near_by = near(request.path());
    Reply reply{
        std::move(responder), request_id, near_by == nullptr ? error_body : near_by->errors};
    try {
        const auto found = find(request.method, request.path());
        const auto* const route = found ? &routes_[*found] : nullptr;
        const auto via = admit(request, route, reply);
        if (!via) {
            return;
        }
        if (route == nullptr) {
            refuse(request, reply);
            return;
        }
        auto values = *match_path(route->pattern, request.path());
        Call call{std::move(request), std::move(request_id), std::move(values), route->query, *via};
        route->answer(call, reply);
    } catch (...) {
        if (!reply) {
            throw;  // the answer is under way already; the server logs what went wrong
        }
        reply.error(as_error(std::current_exception()));
    }
}

}  // namespace kiln::api
