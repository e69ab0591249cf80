#pragma once

#include "jsonpath/path.hpp"
#include "jsonpath/world.hpp"

#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace kiln::jsonpath {

/// The values of a call's arguments: all found.
using Arguments = std::vector<Match>;

/// An argument's kind or value that a function refuses; becomes an IntrinsicError.
class Refused : public std::exception {
  public:
    explicit Refused(std::string message) : message_{std::move(message)} {}

    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

  private:
    std::string message_;
};

/// An intrinsic function. @throws Refused
struct Function {
    std::string_view name;  ///< without "States."
    std::size_t fewest;
    std::size_t most;
    json::value (*call)(const Arguments& arguments, World& world);
};

/// nullptr: there is none of that name.
[[nodiscard]] const Function* find_function(std::string_view name) noexcept;
/// "States.Array, States.ArrayContains, …", for messages.
[[nodiscard]] std::string function_names();

struct Call;
using Argument = std::variant<json::value, Path, std::shared_ptr<const Call>>;

struct Call {
    const Function* function = nullptr;
    std::string text;
    std::vector<Argument> arguments;
};

inline constexpr std::size_t kDeepestCalls = 10;
/// All arguments of an expression together: what bounds the size of its value.
inline constexpr std::size_t kMostArguments = 256;

/// Reads a call, the whole text. @throws IntrinsicError  syntax, limit
[[nodiscard]] std::shared_ptr<const Call> parse_call(std::string_view text);

}  // namespace kiln::jsonpath
