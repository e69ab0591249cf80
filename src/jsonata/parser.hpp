#pragma once

#include "jsonata/lexer.hpp"

#include <vector>

namespace kiln::jsonata {

/// Builds the syntax tree of one text. @throws Failure  S02xx, and what the lexer throws
class Parser {
  public:
    explicit Parser(Program& program);

    Node* parse();

  private:
    void advance(Lexer::Expect expect);

    [[nodiscard]] bool is(std::string_view op) const {
        return token_.type == Token::Type::op && token_.text == op;
    }

    void expect(std::string_view op, Lexer::Expect next);

    Node* expression(int power);
    Node* terminal(const Token& token);
    Node* prefix(const Token& token);
    Node* infix(Node* left, const Token& token, Op op, int power);
    void complete(Node& node, int power);
    Node* block(const Token& token);
    Node* array(const Token& token);
    Node* transform(const Token& token);
    Node* call(Node* procedure, const Token& token);
    void definition(Node& node);
    const Signature* signature();
    std::vector<Pair> pairs();
    std::vector<Term> order_terms();

    Program& program_;
    Lexer lexer_;
    Token token_;    ///< the one to come
    int power_ = 0;  ///< of `token_` as an infix operator
    Op op_ = Op::none;
    int depth_ = 0;
};

}  // namespace kiln::jsonata
