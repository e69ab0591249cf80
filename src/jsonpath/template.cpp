#include "jsonpath/template.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::jsonpath {

/// Exactly one of the kinds; a constant has no expression below it.
struct TemplateNode {
    struct Member;
    using Object = std::vector<Member>;
    using Array = std::vector<TemplateNode>;
    std::variant<json::value, Expression, Object, Array> is;
};

struct TemplateNode::Member {
    std::string field;  ///< as written
    std::string key;    ///< of the result
    TemplateNode value;
};

namespace {

constexpr std::size_t kDeepest = 100;
constexpr std::string_view kSuffix = ".$";

bool is_computed(std::string_view key) noexcept {
    return key.size() >= kSuffix.size() && key.substr(key.size() - kSuffix.size()) == kSuffix;
}

bool is_constant(const TemplateNode& node) noexcept {
    return std::holds_alternative<json::value>(node.is);
}

/// Compiles a definition and notes what is wrong with it.
class Compiler {
  public:
    explicit Compiler(std::vector<TemplateProblem>& problems) : problems_{problems} {}

    TemplateNode compile(const json::value& value) {
        if (value.is_structured() && parents_.size() >= kDeepest) {
            note(TemplateProblem::Kind::too_deep, "", "", "it is nested deeper than 100 levels");
            return {json::value{}};
        }
        if (const auto* object = value.if_object(); object != nullptr) {
            return compile_object(value, *object);
        }
        if (const auto* array = value.if_array(); array != nullptr) {
            return compile_array(value, *array);
        }
        return {value};
    }

  private:
    void note(
        TemplateProblem::Kind kind, std::string field, std::string value, std::string message
    ) {
        problems_.push_back({kind, std::move(field), parents_, std::move(value), std::move(message)}
        );
    }

    TemplateNode below(std::string name, const json::value& value) {
        parents_.push_back(std::move(name));
        auto node = compile(value);
        parents_.pop_back();
        return node;
    }

    TemplateNode compile_object(const json::value& whole, const json::object& object) {
        TemplateNode::Object members;
        bool constant = true;
        for (const auto& member : object) {
            const std::string field{member.key()};
            if (!is_computed(field)) {
                members.push_back({field, field, below(field, member.value())});
            } else {
                auto key = field.substr(0, field.size() - kSuffix.size());
                if (object.contains(key)) {
                    note(
                        TemplateProblem::Kind::duplicate_key,
                        field,
                        "",
                        fmt::format("'{}' stands beside '{}'", field, key)
                    );
                }
                members.push_back({field, std::move(key), expression(field, member.value())});
            }
            constant = constant && is_constant(members.back().value);
        }
        return constant ? TemplateNode{whole} : TemplateNode{std::move(members)};
    }

    TemplateNode compile_array(const json::value& whole, const json::array& array) {
        TemplateNode::Array elements;
        for (std::size_t i = 0; i < array.size(); ++i) {
            elements.push_back(below(std::to_string(i), array[i]));
        }
        const bool constant = std::all_of(elements.begin(), elements.end(), is_constant);
        return constant ? TemplateNode{whole} : TemplateNode{std::move(elements)};
    }

    TemplateNode expression(const std::string& field, const json::value& value) {
        const auto* text = value.if_string();
        if (text == nullptr) {
            note(
                TemplateProblem::Kind::not_a_string,
                field,
                "",
                fmt::format("'{}' has to be a string, not {}", field, kind_name(value))
            );
            return {Expression{Path::compile("$")}};
        }
        try {
            return {compile_expression(*text)};
        } catch (const ExpressionError& error) {
            note(
                TemplateProblem::Kind::not_an_expression,
                field,
                std::string{*text},
                fmt::format(
                    "'{}' is not a path or an intrinsic function: {} (at character {})",
                    field,
                    error.message(),
                    error.position() + 1
                )
            );
            return {Expression{Path::compile("$")}};
        }
    }

    std::vector<TemplateProblem>& problems_;
    std::vector<std::string> parents_;
};

/// Fills in a template.
class Rendering {
  public:
    Rendering(const Resolver& documents, World& world) : documents_{documents}, world_{world} {}

    json::value render(const TemplateNode& node) {
        if (const auto* constant = std::get_if<json::value>(&node.is); constant != nullptr) {
            return *constant;
        }
        if (const auto* members = std::get_if<TemplateNode::Object>(&node.is); members != nullptr) {
            return render(*members);
        }
        json::array made;
        const auto& elements = std::get<TemplateNode::Array>(node.is);
        for (std::size_t i = 0; i < elements.size(); ++i) {
            parents_.push_back(std::to_string(i));
            made.push_back(render(elements[i]));
            parents_.pop_back();
        }
        return made;
    }

  private:
    json::value render(const TemplateNode::Object& members) {
        json::object made;
        for (const auto& member : members) {
            const auto* expression = std::get_if<Expression>(&member.value.is);
            if (expression != nullptr) {
                made.insert_or_assign(member.key, value_of(member.field, *expression));
                continue;
            }
            parents_.push_back(member.key);
            made.insert_or_assign(member.key, render(member.value));
            parents_.pop_back();
        }
        return made;
    }

    json::value value_of(const std::string& field, const Expression& expression) {
        try {
            return evaluate(expression, documents_, world_);
        } catch (const PathError& error) {
            throw TemplateError{field, parents_, error, std::get<Path>(expression).root()};
        } catch (const IntrinsicError& error) {
            throw TemplateError{field, parents_, error};
        }
    }

    const Resolver& documents_;
    World& world_;
    std::vector<std::string> parents_;
};

void collect_node(const TemplateNode& node, References& references) {
    if (const auto* expression = std::get_if<Expression>(&node.is); expression != nullptr) {
        collect(*expression, references);
    } else if (const auto* members = std::get_if<TemplateNode::Object>(&node.is);
               members != nullptr) {
        for (const auto& member : *members) {
            collect_node(member.value, references);
        }
    } else if (const auto* elements = std::get_if<TemplateNode::Array>(&node.is);
               elements != nullptr) {
        for (const auto& element : *elements) {
            collect_node(element, references);
        }
    }
}

}  // namespace

Template Template::compile(const json::value& definition, std::vector<TemplateProblem>& problems) {
    return Template{std::make_shared<const TemplateNode>(Compiler{problems}.compile(definition))};
}

Template Template::compile(const json::value& definition) {
    std::vector<TemplateProblem> found;
    auto made = compile(definition, found);
    if (found.empty()) {
        return made;
    }
    std::vector<Problem> problems;
    for (const auto& problem : found) {
        std::string where;
        for (const auto& parent : problem.parents) {
            where += parent + ".";
        }
        problems.push_back({where + problem.field, problem.message});
    }
    throw Error{"bad payload template", std::move(problems)};
}

json::value Template::render(const Resolver& documents, World& world) const {
    return Rendering{documents, world}.render(*root_);
}

bool Template::is_constant() const noexcept {
    return jsonpath::is_constant(*root_);
}

void Template::collect(References& references) const {
    collect_node(*root_, references);
}

}  // namespace kiln::jsonpath
