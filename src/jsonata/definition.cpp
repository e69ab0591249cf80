// Calls, and the definitions of functions, which look like calls of the word `function`.

#include "jsonata/failure.hpp"
#include "jsonata/parser.hpp"

namespace kiln::jsonata {

Node* Parser::call(Node* procedure, const Token& token) {
    auto& node = program_.add(NodeType::function, token.position);
    node.text = token.text;
    node.lhs = procedure;
    if (!is(")")) {
        for (;;) {
            if (is("?")) {
                node.type = NodeType::partial;
                node.items.push_back(terminal(token_));
                advance(Lexer::Expect::operand);
            } else {
                node.items.push_back(expression(0));
            }
            if (!is(",")) {
                break;
            }
            advance(Lexer::Expect::operand);
        }
    }
    expect(")", Lexer::Expect::operator_);
    if (procedure->type == NodeType::name &&
        (procedure->text == "function" || procedure->text == "\u03BB")) {
        definition(node);
    }
    return &node;
}

/// What is called is the word `function`: its arguments are parameters, and a body follows.
void Parser::definition(Node& node) {
    for (std::size_t number = 0; number < node.items.size(); ++number) {
        const auto* const item = node.items[number];
        if (item->type != NodeType::variable) {
            auto failure = Failure{"S0208", item->position}.named(item->text);
            failure.value = std::to_string(number + 1);
            throw std::move(failure);
        }
    }
    node.type = NodeType::lambda;
    if (is("<")) {
        node.signature = signature();
    }
    expect("{", Lexer::Expect::operand);
    node.lhs = expression(0);
    expect("}", Lexer::Expect::operand);
}

const Signature* Parser::signature() {
    const auto start = token_.position;
    std::string text = "<";
    for (int depth = 1; depth > 0 && !is("{") && token_.type != Token::Type::end;) {
        advance(Lexer::Expect::operand);
        depth += is("<") ? 1 : 0;
        depth -= is(">") ? 1 : 0;
        text += token_.text;
    }
    expect(">", Lexer::Expect::operand);
    try {
        return &program_.signatures.emplace_back(text);
    } catch (Failure& failure) {
        failure.position += start;
        throw;
    }
}

}  // namespace kiln::jsonata
