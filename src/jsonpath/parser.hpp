#pragma once

#include "jsonpath/cursor.hpp"
#include "jsonpath/error.hpp"
#include "jsonpath/program.hpp"

#include <memory>

namespace kiln::jsonpath {

/// Reads a path and the filters in it. One for each text.
class Parser {
  public:
    explicit Parser(std::string_view text) : cursor_{text, 0} {}

    /// The whole text. @throws PathError  syntax, limit
    [[nodiscard]] Program path();

  private:
    enum class Within { text, filter };

    [[noreturn]] void fail(std::string message) const;
    [[noreturn]] void fail_at(std::size_t at, std::string message) const;
    void expect(char c, std::string_view where);
    /// One level deeper until the returned object ends.
    [[nodiscard]] std::shared_ptr<void> deeper();

    // parser.cpp: roots and steps
    Root root();
    void steps(Program& program, Within within);
    Step after_dot(Program& program, Within within);
    Step bracket(Program& program);
    Step quoted_names();
    std::string quoted_name(char quote);
    Step numbers();
    std::int64_t number();
    void finish(Program& program) const;

    // filter_parser.cpp
    FilterNode any();
    FilterNode all();
    FilterNode operand();
    FilterNode comparison();
    Operand value();
    Operator relation();
    std::shared_ptr<const Program> inner_path();
    std::shared_ptr<const Regex> pattern();
    json::value literal();
    json::value structure();
    std::string string();
    std::string escaped();
    json::value number_literal();

    Cursor cursor_;
    std::size_t filters_ = 0;
    std::size_t levels_ = 0;
};

}  // namespace kiln::jsonpath
