#pragma once

#include "base/json.hpp"
#include "jsonpath/path.hpp"
#include "jsonpath/program.hpp"

namespace kiln::jsonpath {

/// How many values one evaluation may still visit.
class Budget {
  public:
    explicit Budget(std::string_view expression) : expression_{expression} {}

    /// @throws PathError  limit
    void spend(std::size_t visits = 1);
    [[noreturn]] void give_up(std::string_view why) const;

  private:
    std::size_t left_ = 1'000'000;
    std::string_view expression_;
};

/// Follows a program of names and indexes; nullptr: nothing is there.
[[nodiscard]] const json::value* follow(const Program& program, const json::value& start) noexcept;

/// Where `program` leads from `start`; `document` is what `$` is within its filters.
/// @throws PathError  limit
[[nodiscard]] Match evaluate(
    const Program& program, const json::value& start, const json::value& document, Budget& budget
);

/// The element of an array, counted from the end if negative; nullptr: there is none.
[[nodiscard]] const json::value* element(const json::array& array, std::int64_t index) noexcept;

}  // namespace kiln::jsonpath
