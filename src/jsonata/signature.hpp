#pragma once

#include "jsonata/value.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::jsonata {

/// A function's signature, `<s-nn?:s>`: what its arguments may be, and which of them the context
/// stands in for.
class Signature {
  public:
    /// @throws Failure  S0401, S0402; its position counts from the start of `text`
    explicit Signature(std::string_view text);

    /// The arguments as the function gets them: the context put in where it stands for one, single
    /// values made arrays where an array is wanted.
    /// @throws Failure  T0410, T0411, T0412
    void validate(Arena& arena, std::vector<Value>& arguments, Value context) const;

  private:
    struct Parameter {
        char type = 0;              ///< the symbol; '(' for a choice
        std::uint32_t accepts = 0;  ///< the set of symbols
        bool optional = false;
        bool lazy = false;  ///< takes an argument only if the rest does not match otherwise
        bool repeated = false;
        bool context = false;
        std::string item_types;  ///< of an array or a function: what stands in <…>
        bool has_item_types = false;
    };

    struct Match;

    bool match_from(std::string_view symbols, std::size_t parameter, std::size_t at, Match& match)
        const;
    [[noreturn]] void refuse(std::span<const Value> arguments, std::string_view symbols) const;
    void check_items(
        Value argument,
        char symbol,
        std::size_t matched,
        const Parameter& parameter,
        std::size_t index
    ) const;
    void take_context(
        std::vector<Value>& out, Value context, const Parameter& parameter, std::size_t index
    ) const;

    std::vector<Parameter> parameters_;
};

}  // namespace kiln::jsonata
