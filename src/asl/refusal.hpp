#pragma once

#include <string>
#include <variant>

/// Why the engine, or the registry of machines, does not do what it is asked.
namespace kiln::asl {

/// AWS' error: `code` is its name ("ExecutionDoesNotExist"), `message` AWS' text.
struct Refusal {
    std::string code;
    std::string message;

    bool operator==(const Refusal&) const = default;
};

struct Done {
    bool operator==(const Done&) const = default;
};

template <class T>
using Result = std::variant<T, Refusal>;

}  // namespace kiln::asl
