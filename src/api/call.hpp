#pragma once

#include "base/error.hpp"
#include "base/json.hpp"
#include "net/http.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::api {

/// What let a caller in.
enum class Via { nothing, token, secret };

/// One request to a native route, taken apart. What it lends lives as long as itself.
class Call {
  public:
    /// @param path     values of the pattern's {names}, decoded
    /// @param allowed  the query parameters that the route knows
    /// @throws Error  invalid: every query parameter that is unknown or repeated
    Call(
        net::Request request,
        std::string request_id,
        std::map<std::string, std::string, std::less<>> path,
        const std::vector<std::string>& allowed,
        Via via = Via::token
    );

    [[nodiscard]] Via via() const noexcept { return via_; }

    [[nodiscard]] const net::Request& request() const noexcept { return request_; }

    [[nodiscard]] const std::string& request_id() const noexcept { return request_id_; }

    /// A value of the pattern. Its name is the route's own: a wrong one aborts.
    [[nodiscard]] const std::string& path(std::string_view name) const;

    [[nodiscard]] std::optional<std::string> query(std::string_view name) const;

    /// @throws Error  invalid: not a whole number within [low, high]
    [[nodiscard]] std::int64_t query_number(
        std::string_view name, std::int64_t low, std::int64_t high, std::int64_t fallback
    ) const;

    /// The body as JSON. @throws Error  invalid: not one JSON document, or longer than `limit`
    [[nodiscard]] json::value body(std::size_t limit_bytes) const;

  private:
    net::Request request_;
    std::string request_id_;
    std::map<std::string, std::string, std::less<>> path_;
    std::map<std::string, std::string, std::less<>> query_;
    Via via_;
};

}  // namespace kiln::api
