#pragma once

#include "jsonata/node.hpp"

#include <optional>

namespace kiln::jsonata {

struct Token {
    enum class Type : std::uint8_t { end, op, name, variable, string, number, value, regex };

    Type type = Type::end;
    std::string_view
        text;     ///< of a name, a variable without its `$`, an operator, a string's value
    Value value;  ///< of a number, true, false, null
    const Regex* regex = nullptr;
    std::size_t position = 0;  ///< behind the token, in bytes
};

/// Cuts an expression into tokens, one at a time: what `/` means depends on where it stands.
class Lexer {
  public:
    explicit Lexer(Program& program) : program_{program}, text_{program.source} {}

    enum class Expect { operand, operator_ };

    /// @throws Failure  S01xx, S03xx
    Token next(Expect expect);

  private:
    [[nodiscard]] char at(std::size_t index) const {
        return index < text_.size() ? text_[index] : '\0';
    }

    void skip_blanks();
    Token make(Token::Type type, std::string_view text) const;
    std::optional<Token> operator_token();
    std::optional<Token> number();
    Token string(char quote);
    void escape(std::string& out);
    void unicode_escape(std::string& out);
    Token regex();
    Token quoted_name();
    Token word();

    Program& program_;
    std::string_view text_;
    std::size_t position_ = 0;
};

}  // namespace kiln::jsonata
