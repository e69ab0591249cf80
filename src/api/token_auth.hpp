#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln::api {

/// The bearer token of the native routes.
class TokenAuth {
  public:
    enum class Verdict { good, missing, wrong };

    /// @param token  not empty
    explicit TokenAuth(std::string_view token);

    /// Judges an `Authorization` header. Takes as long for any wrong token of one length.
    /// `missing`: no header, or one of another scheme.
    [[nodiscard]] Verdict check(std::optional<std::string_view> authorization) const;

  private:
    std::string digest_;  ///< of the token: the comparison tells nothing of its length either
};

}  // namespace kiln::api
