#pragma once

#include "jsonata/evaluator.hpp"

#include <optional>

namespace kiln::jsonata {

/// One match of a pattern in a text.
struct Found {
    std::string_view text;
    std::size_t start = 0;  ///< in bytes
    std::size_t end = 0;
    Value groups;  ///< an array
    Value whole;   ///< what a function of the user's gave; undefined from a regular expression
};

/// Goes through the matches of a regular expression, or of a function that acts as one.
class Matches {
  public:
    Matches(Evaluator& evaluator, Value pattern, std::string_view subject);

    /// @throws Failure  D1004: a match behind the first is empty; T1010: the function's answer is
    /// no match
    std::optional<Found> next();

    /// The match as an object for a replacement function.
    [[nodiscard]] Value value_of(const Found& found);

  private:
    std::optional<Found> read(Value answer);

    Evaluator& evaluator_;
    Value pattern_;
    const Node* regex_ = nullptr;
    std::string_view subject_;
    std::optional<Subject> searched_;  ///< by a regular expression
    std::size_t from_ = 0;
    bool started_ = false;
    Value follower_;
};

/// A call of a regular expression as a function.
[[nodiscard]] Value match_value(
    Evaluator& evaluator, const Function& function, std::span<const Value> arguments
);

}  // namespace kiln::jsonata
