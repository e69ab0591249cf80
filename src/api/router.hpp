#pragma once

#include "api/call.hpp"
#include "api/reply.hpp"
#include "api/token_auth.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::api {

enum class Access { open, token };

/// One native route.
struct Route {
    std::string method;              ///< "GET" answers HEAD, too
    std::string pattern;             ///< "/v1/bakes/{id}/events"
    std::vector<std::string> query;  ///< the parameters that it knows
    Access access = Access::token;
    /// Answers with the reply, or keeps it (moves it out) and answers later. What it throws becomes
    /// the answer, if the reply is still there.
    std::function<void(Call&, Reply&)> answer;
    ErrorShape errors = error_body;
    /// Another way in besides the token: basic auth's password, with the value of the pattern's
    /// {id} ("": it has none). Takes as long whatever the password is. None: there is no other.
    std::function<bool(const std::string& id, std::string_view password)> opens = {};
};

/// The table of native routes. Safe from several threads: nothing changes after its making.
///
/// In this order: the token (401), the path (404), the method (405 with Allow), the query (400),
/// the route's own answer.
class Router {
  public:
    /// @param token  of all routes but the open ones
    Router(TokenAuth token, std::vector<Route> routes);

    /// @returns  the index of the route that answers a path, for counting; nullopt for none
    [[nodiscard]] std::optional<std::size_t> find(std::string_view method, std::string_view path)
        const;

    [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }

    void handle(net::Request request, net::Responder responder, std::string request_id) const;

  private:
    /// The route of a request's path, of any method: whose errors they are; nullptr for none.
    [[nodiscard]] const Route* near(std::string_view path) const;
    /// What lets the request in; nullopt: nothing, and that is answered.
    [[nodiscard]] std::optional<Via> admit(
        const net::Request& request, const Route* route, Reply& reply
    ) const;
    void refuse(const net::Request& request, Reply& reply) const;

    TokenAuth token_;
    std::vector<Route> routes_;
};

/// The values of a pattern's {names} in a path, decoded; nullopt when it does not match. Pure.
[[nodiscard]] std::optional<std::map<std::string, std::string, std::less<>>> match_path(
    std::string_view pattern, std::string_view path
);

}  // namespace kiln::api
