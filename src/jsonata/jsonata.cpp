#include "jsonata/jsonata.hpp"

#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"

namespace kiln::jsonata {

Program::Program(std::string_view text) : source{text} {
    names.emplace_back();
    numbers.reserve(16);
    intern("");
    intern("$");
    intern("clone");
}

std::uint32_t Program::intern(std::string_view name) {
    const auto [found, added] = numbers.try_emplace(name, static_cast<std::uint32_t>(names.size()));
    if (added) {
        names.push_back(name);
    }
    return found->second;
}

Node& Program::add(NodeType type, std::size_t position) {
    auto& node = nodes.emplace_back();
    node.type = type;
    node.position = position;
    return node;
}

Expression compile(std::string_view text) {
    auto program = std::make_shared<Program>(text);
    try {
        parse(*program);
        shape(*program);
    } catch (const Failure& failure) {
        throw to_error(failure, program->source);
    }
    return Expression{std::move(program)};
}

const std::string& Expression::text() const noexcept {
    return program_->source;
}

std::optional<json::value> evaluate(
    const Expression& expression,
    const json::value* input,
    const Bindings& bindings,
    const Limits& limits,
    const World& world
) {
    try {
        Evaluator evaluator{expression.program(), limits, world};
        const auto out = evaluator.run(input, bindings);
        return out.defined() ? std::optional{to_json(out)} : std::nullopt;
    } catch (const Failure& failure) {
        throw to_error(failure, expression.text());
    }
}

}  // namespace kiln::jsonata
