#pragma once

#include <string>
#include <string_view>
#include <variant>

/// What user data asks for. Pure.
namespace kiln::compute {

struct NoUserData {};

struct Script {
    std::string text;  ///< begins with "#!"
};

struct Include {
    std::string url;  ///< where the script is
};

struct NotUnderstood {
    std::string why;
};

using UserData = std::variant<NoUserData, Script, Include, NotUnderstood>;

/// "#!…" is a script; "#include" and a URL, on the same line or the next, is a script elsewhere.
[[nodiscard]] UserData read_user_data(std::string_view text);

}  // namespace kiln::compute
