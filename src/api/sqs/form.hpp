#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln::api::sqs {

/// The parameters of a request of the Query protocol, by name. Each is taken once.
class Form {
  public:
    /// @param query  of the URL · @param body  a form, or empty; both percent-encoded
    Form(std::string_view query, std::string_view body);

    /// The parameter's value, moved out. nullopt: there is none (any more).
    [[nodiscard]] std::optional<std::string> take(std::string_view name);
    /// Without taking it. nullptr: there is none.
    [[nodiscard]] const std::string* find(std::string_view name) const;

    /// The numbers that follow "PREFIX." in names of parameters, rising. "A.10.B" and "A.2": 2, 10.
    /// @throws Error  invalid: what follows is no number
    [[nodiscard]] std::vector<unsigned> numbers(std::string_view prefix) const;

    /// Refuses what nobody took, but for what belongs to the protocol itself.
    /// @throws Error  invalid
    void finish() const;

  private:
    struct Parameter {
        std::string name;
        std::string value;
        bool taken = false;
    };

    std::vector<Parameter> parameters_;  ///< by name
};

}  // namespace kiln::api::sqs
