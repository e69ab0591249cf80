#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Texts with places for values, in the shape that Go's templates have: `{{.Site}}`.
/// (`template` is a word of the language: hence the plural.)
namespace kiln::templates {

using Values = std::map<std::string, std::string, std::less<>>;

/// Where something stands in a text, both from 1; a column is a character (UTF-8), not a byte.
struct Place {
    std::size_t line = 1;
    std::size_t column = 1;
};

/// "line 3, column 14"
[[nodiscard]] std::string to_string(const Place& place);

/// The value of a name goes here.
struct Slot {
    std::string name;
    Place place;
};

/// What a text consists of: text as it is, and slots.
using Piece = std::variant<std::string, Slot>;

/// A text that was read once, to be rendered as often as wanted. Immutable, safe to share.
///
/// `{{.Name}}` is replaced by the value of `Name` (letters, digits and `_`, no digit first), blanks
/// inside the braces do not matter. `{{"…"}}` stands for the text between its quotes (`\"`, `\\`,
/// `\n`, `\t` as usual), and {{`…`}} for the text between its back quotes as it is: so `{{"{{"}}`
/// is how two braces are written. There are no functions, conditions or loops. Values are not read
/// as templates: what they contain is not replaced again.
class Template {
  public:
    /// @throws Error  invalid: with everything that is wrong with it, by line and column
    [[nodiscard]] static Template parse(std::string_view text);

    /// @throws Error  invalid: names all that are missing, with line and column
    [[nodiscard]] std::string render(const Values& values) const;

    /// Every name that it asks for, each once, in order.
    [[nodiscard]] std::vector<std::string> names() const;

    [[nodiscard]] const std::vector<Piece>& pieces() const noexcept { return pieces_; }

  private:
    explicit Template(std::vector<Piece> pieces) : pieces_{std::move(pieces)} {}

    std::vector<Piece> pieces_;
};

}  // namespace kiln::templates
