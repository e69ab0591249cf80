#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::redis {

/// What a server answered.
struct Reply {
    enum class Kind { nil, integer, text, error, array };
    Kind kind = Kind::nil;
    std::int64_t integer = 0;
    std::string text;  ///< of a text (a status, too) or an error
    std::vector<Reply> items;

    [[nodiscard]] bool is_nil() const noexcept { return kind == Kind::nil; }

    /// Of an array. @throws Error  corrupt: it has none such
    [[nodiscard]] const Reply& at(std::size_t index) const;
    /// @throws Error  corrupt: no number, nor a text of one
    [[nodiscard]] std::int64_t number() const;
};

/// What an error's text means to a caller. Pure. `OOM …`: exhausted; `NOAUTH …`: denied.
[[nodiscard]] Error to_error(std::string_view text, std::string_view server);

}  // namespace kiln::redis
