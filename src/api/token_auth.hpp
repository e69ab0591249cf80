#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln::api {

/// The token of the native routes: `Bearer TOKEN`, `token TOKEN` or `token=TOKEN`.
class TokenAuth {
  public:
    enum class Verdict { good, missing, wrong };

    /// @param token  not empty
    explicit TokenAuth(std::string_view token);

    /// Judges an `Authorization` header. Takes as long for any wrong token of one length.
    /// `missing`: no header, or one of another scheme.
    [[nodiscard]] Verdict check(std::optional<std::string_view> authorization) const;

    /// Is it the token? Takes as long for any wrong one of one length.
    [[nodiscard]] bool is_token(std::string_view text) const;

  private:
    std::string digest_;  ///< of the token: the comparison tells nothing of its length either
};

/// The password of `Authorization: Basic …` (RFC 7617); the user's name is nobody's affair.
/// nullopt: another scheme, not base64, no colon, or an empty password. Pure.
[[nodiscard]] std::optional<std::string> basic_password(
    std::optional<std::string_view> authorization
);

}  // namespace kiln::api
