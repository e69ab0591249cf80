// Top down operator precedence: what a token means depends on whether something stands before it.

#include "jsonata/parser.hpp"

#include "jsonata/builtins.hpp"
#include "jsonata/failure.hpp"

#include <array>

namespace kiln::jsonata {

namespace {

/// Nested expressions in one text.
constexpr int kDeepestText = 500;

struct Operator {
    std::string_view text;
    int power;  ///< how strongly it binds what stands before it; 0: it ends an expression
    Op op;
};

constexpr std::array kOperators{
    Operator{".", 75, Op::dot},          Operator{"[", 80, Op::filter},
    Operator{"{", 70, Op::group},        Operator{"(", 80, Op::none},
    Operator{"@", 80, Op::focus},        Operator{"#", 80, Op::position},
    Operator{"?", 20, Op::none},         Operator{"+", 50, Op::add},
    Operator{"-", 50, Op::subtract},     Operator{"*", 60, Op::multiply},
    Operator{"/", 60, Op::divide},       Operator{"%", 60, Op::modulo},
    Operator{"=", 40, Op::equal},        Operator{"<", 40, Op::less},
    Operator{">", 40, Op::greater},      Operator{"^", 40, Op::order},
    Operator{":=", 10, Op::assign},      Operator{"!=", 40, Op::not_equal},
    Operator{"<=", 40, Op::less_equal},  Operator{">=", 40, Op::greater_equal},
    Operator{"~>", 40, Op::chain},       Operator{"and", 30, Op::conjunction},
    Operator{"or", 25, Op::disjunction}, Operator{"in", 40, Op::includes},
    Operator{"&", 50, Op::concat},       Operator{"|", 0, Op::none},
    Operator{"**", 0, Op::none},         Operator{"..", 0, Op::none},
    Operator{"]", 0, Op::none},          Operator{"}", 0, Op::none},
    Operator{")", 0, Op::none},          Operator{",", 0, Op::none},
    Operator{":", 0, Op::none},          Operator{";", 0, Op::none},
};

const Operator* find_operator(std::string_view text) {
    for (const auto& entry : kOperators) {
        if (entry.text == text) {
            return &entry;
        }
    }
    return nullptr;
}

constexpr int kTight = 80;
constexpr int kUnary = 70;

/// Counts how deep the text is nested while it lives.
class Level {
  public:
    explicit Level(int& depth) : depth_{depth} {
        if (++depth_ > kDeepestText) {
            --depth_;
            throw Failure{Cause::stack};
        }
    }

    ~Level() { --depth_; }

    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

  private:
    int& depth_;
};

}  // namespace

Parser::Parser(Program& program) : program_{program}, lexer_{program} {}

Node* Parser::parse() {
    advance(Lexer::Expect::operand);
    auto* const out = expression(0);
    if (token_.type != Token::Type::end) {
        throw Failure{"S0201", token_.position}.named(token_.text);
    }
    return out;
}

void Parser::advance(Lexer::Expect expect) {
    token_ = lexer_.next(expect);
    power_ = 0;
    op_ = Op::none;
    if (token_.type == Token::Type::end) {
        token_.text = "(end)";
    } else if (token_.type == Token::Type::op) {
        const auto* const found = find_operator(token_.text);
        if (found == nullptr) {
            throw Failure{"S0204", token_.position}.named(token_.text);
        }
        power_ = found->power;
        op_ = found->op;
    }
}

void Parser::expect(std::string_view op, Lexer::Expect next) {
    if (!is(op)) {
        Failure failure{token_.type == Token::Type::end ? "S0203" : "S0202", token_.position};
        failure.token = std::string{token_.text};
        failure.value = json_text(op);
        throw failure;
    }
    advance(next);
}

Node* Parser::expression(int power) {
    const Level level{depth_};
    const auto first = token_;
    advance(Lexer::Expect::operator_);
    auto* left = prefix(first);
    while (power < power_) {
        const auto token = token_;
        const auto strength = power_;
        const auto op = op_;
        advance(Lexer::Expect::operand);
        left = infix(left, token, op, strength);
    }
    return left;
}

Node* Parser::terminal(const Token& token) {
    using Type = Token::Type;
    static constexpr std::array kTypes{
        NodeType::end,
        NodeType::op,
        NodeType::name,
        NodeType::variable,
        NodeType::string,
        NodeType::number,
        NodeType::value,
        NodeType::regex};
    auto& node = program_.add(kTypes.at(static_cast<std::size_t>(token.type)), token.position);
    node.text = token.text;
    node.value = token.type == Type::string ? Value::of(token.text) : token.value;
    node.regex = token.regex;
    if (token.type == Type::variable || token.type == Type::name) {
        node.name = program_.intern(token.text);
    }
    if (token.type == Type::variable) {
        node.builtin = find_builtin(token.text);
    }
    return &node;
}

Node* Parser::prefix(const Token& token) {
    if (token.type != Token::Type::op) {
        return terminal(token);
    }
    const auto text = token.text;
    if (text == "and" || text == "or" || text == "in") {
        return terminal(token);
    }
    if (text == "-") {
        auto& node = program_.add(NodeType::negate, token.position);
        node.text = text;
        node.lhs = expression(kUnary);
        return &node;
    }
    if (text == "*" || text == "**" || text == "%") {
        auto& node = program_.add(
            text == "*"    ? NodeType::wildcard
            : text == "**" ? NodeType::descendant
                           : NodeType::parent,
            token.position
        );
        node.text = text;
        return &node;
    }
    if (text == "(") {
        return block(token);
    }
    if (text == "[") {
        return array(token);
    }
    if (text == "{") {
        auto& node = program_.add(NodeType::object, token.position);
        node.text = text;
        node.group = std::make_unique<Group>(Group{pairs(), token.position});
        return &node;
    }
    if (text == "|") {
        return transform(token);
    }
    throw Failure{"S0211", token.position}.named(text);
}

Node* Parser::block(const Token& token) {
    auto& node = program_.add(NodeType::block, token.position);
    node.text = token.text;
    while (!is(")")) {
        node.items.push_back(expression(0));
        if (!is(";")) {
            break;
        }
        advance(Lexer::Expect::operand);
    }
    expect(")", Lexer::Expect::operator_);
    return &node;
}

Node* Parser::array(const Token& token) {
    auto& node = program_.add(NodeType::array, token.position);
    node.text = token.text;
    for (bool more = !is("]"); more;) {
        auto* item = expression(0);
        if (is("..")) {
            auto& range = program_.add(NodeType::binary, token_.position);
            range.op = Op::range;
            range.text = "..";
            range.lhs = item;
            advance(Lexer::Expect::operand);
            range.rhs = expression(0);
            item = &range;
        }
        node.items.push_back(item);
        more = is(",");
        if (more) {
            advance(Lexer::Expect::operand);
        }
    }
    expect("]", Lexer::Expect::operator_);
    return &node;
}

std::vector<Pair> Parser::pairs() {
    std::vector<Pair> out;
    if (!is("}")) {
        for (;;) {
            auto* const key = expression(0);
            expect(":", Lexer::Expect::operand);
            out.push_back({key, expression(0)});
            if (!is(",")) {
                break;
            }
            advance(Lexer::Expect::operand);
        }
    }
    expect("}", Lexer::Expect::operator_);
    return out;
}

Node* Parser::transform(const Token& token) {
    auto& node = program_.add(NodeType::transform, token.position);
    node.text = token.text;
    node.lhs = expression(0);
    expect("|", Lexer::Expect::operand);
    node.rhs = expression(0);
    if (is(",")) {
        advance(Lexer::Expect::operand);
        node.extra = expression(0);
    }
    expect("|", Lexer::Expect::operand);
    return &node;
}

Node* Parser::infix(Node* left, const Token& token, Op op, int power) {
    if (token.text == "(") {
        return call(left, token);
    }
    if (token.text == "?") {
        auto& node = program_.add(NodeType::condition, token.position);
        node.text = token.text;
        node.lhs = left;
        node.rhs = expression(0);
        if (is(":")) {
            advance(Lexer::Expect::operand);
            node.extra = expression(0);
        }
        return &node;
    }
    if (op == Op::filter && is("]")) {
        auto* step = left;
        while (step->type == NodeType::binary && step->op == Op::filter) {
            step = step->lhs;
        }
        step->keep_array = true;
        advance(Lexer::Expect::operand);
        return left;
    }
    auto& node = program_.add(NodeType::binary, token.position);
    node.op = op;
    node.text = token.text;
    node.lhs = left;
    complete(node, power);
    return &node;
}

/// The right side of an operator.
void Parser::complete(Node& node, int power) {
    if (node.op == Op::filter) {
        node.rhs = expression(0);
        expect("]", Lexer::Expect::operator_);
    } else if (node.op == Op::group) {
        node.group = std::make_unique<Group>(Group{pairs(), node.position});
    } else if (node.op == Op::order) {
        node.terms = order_terms();
    } else if (node.op == Op::assign) {
        if (node.lhs->type != NodeType::variable) {
            throw Failure{"S0212", node.lhs->position}.named(node.lhs->text);
        }
        node.rhs = expression(power - 1);
    } else if (node.op == Op::focus || node.op == Op::position) {
        node.rhs = expression(kTight);
        if (node.rhs->type != NodeType::variable) {
            throw Failure{"S0214", node.rhs->position}.named(node.text);
        }
    } else {
        node.rhs = expression(power);
    }
}

std::vector<Term> Parser::order_terms() {
    std::vector<Term> out;
    expect("(", Lexer::Expect::operand);
    for (;;) {
        const bool descending = is(">");
        if (descending || is("<")) {
            advance(Lexer::Expect::operand);
        }
        out.push_back({expression(0), descending});
        if (!is(",")) {
            break;
        }
        advance(Lexer::Expect::operand);
    }
    expect(")", Lexer::Expect::operand);
    return out;
}

void parse(Program& program) {
    program.root = Parser{program}.parse();
}

}  // namespace kiln::jsonata
