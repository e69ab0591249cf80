#include "jsonata/failure.hpp"
#include "jsonata/jsonata.hpp"
#include "jsonata/node.hpp"
#include "jsonata/text.hpp"

#include <algorithm>

namespace kiln::jsonata {

namespace {

bool is_field(const Node& node) {
    return node.type == NodeType::name || node.type == NodeType::wildcard ||
           node.type == NodeType::descendant;
}

/// Walks a tree with the names that are bound at each place.
class Survey {
  public:
    explicit Survey(const Program& program) : program_{program} {}

    References run() {
        visit(*program_.root, false);
        std::stable_sort(
            out_.variables.begin(),
            out_.variables.end(),
            [](const auto& left, const auto& right) { return left.position < right.position; }
        );
        return std::move(out_);
    }

  private:
    [[nodiscard]] std::size_t position(const Node& node) const {
        return utf16_length(std::string_view{program_.source}.substr(0, node.position));
    }

    [[nodiscard]] bool is_bound(std::uint32_t name) const {
        return std::find(bound_.begin(), bound_.end(), name) != bound_.end();
    }

    void use_context(const Node& node, std::string_view text, bool nested) {
        if (!nested) {
            out_.context.push_back({std::string{text}, position(node)});
        }
    }

    /// `fields`: the steps behind the variable, of which the plain names count.
    void use_variable(const Node& node, std::span<Node* const> fields, bool nested) {
        if (node.name == Program::kContext || node.name == Program::kRoot) {
            use_context(node, node.name == Program::kContext ? "$" : "$$", nested);
        }
        if (is_bound(node.name)) {
            return;
        }
        Reference out;
        out.variable = node.text;
        out.position = position(node);
        out.function = node.builtin != nullptr;
        const Node* last = &node;
        for (const auto* const field : fields) {
            if (!last->stages.empty() || !last->predicates.empty() ||
                field->type != NodeType::name) {
                break;
            }
            out.path.emplace_back(field->text);
            last = field;
        }
        out_.variables.push_back(std::move(out));
    }

    void visit_all(const std::vector<Node*>& nodes, bool nested) {
        for (const auto* const node : nodes) {
            visit(*node, nested);
        }
    }

    void visit_pairs(const Node& node, bool nested) {
        for (const auto& pair : node.group->pairs) {
            visit(*pair.key, nested);
            visit(*pair.value, nested);
        }
    }

    void visit_stages(const Node& node) {
        for (const auto* const list : {&node.predicates, &node.stages}) {
            for (const auto& stage : *list) {
                if (stage.index_name != 0) {
                    bound_.push_back(stage.index_name);
                }
                if (stage.filter != nullptr) {
                    visit(*stage.filter, true);
                }
            }
        }
        for (const auto& term : node.terms) {
            visit(*term.expression, true);
        }
    }

    void visit_path(const Node& node, bool nested) {
        const auto outer = bound_.size();
        for (std::size_t number = 0; number < node.items.size(); ++number) {
            const auto& step = *node.items[number];
            const bool inner = nested || number > 0;
            if (step.type == NodeType::variable) {
                use_variable(step, std::span{node.items}.subspan(number + 1), inner);
            } else {
                visit_node(step, inner);
            }
            for (const auto name : {step.focus, step.index_name}) {
                if (name != 0) {
                    bound_.push_back(name);
                }
            }
            visit_stages(step);
        }
        if (node.group != nullptr) {
            visit_pairs(node, true);
        }
        bound_.resize(outer);
    }

    void visit_lambda(const Node& node, bool nested) {
        const auto outer = bound_.size();
        for (const auto* const parameter : node.items) {
            bound_.push_back(parameter->name);
        }
        ++functions_;
        visit(*node.lhs, nested);
        --functions_;
        bound_.resize(outer);
    }

    void visit_block(const Node& node, bool nested) {
        const auto outer = bound_.size();
        visit_all(node.items, nested);
        bound_.resize(outer);
    }

    /// A name is bound from where it is assigned; in a function that it holds, it is too.
    void visit_bind(const Node& node, bool nested) {
        const bool function = node.rhs->type == NodeType::lambda;
        if (function) {
            bound_.push_back(node.lhs->name);
        }
        visit(*node.rhs, nested);
        if (!function) {
            bound_.push_back(node.lhs->name);
        }
        if (functions_ == 0) {
            out_.assigned.emplace_back(node.lhs->text);
        }
    }

    void visit(const Node& node, bool nested) {
        visit_node(node, nested);
        visit_stages(node);
        if (node.group != nullptr && node.type != NodeType::path && node.type != NodeType::object) {
            visit_pairs(node, true);
        }
    }

    void visit_parts(const Node& node, bool nested) {
        for (const auto* const part : {node.lhs, node.rhs, node.extra}) {
            if (part != nullptr) {
                visit(*part, nested);
            }
        }
        visit_all(node.items, nested);
    }

    void visit_node(const Node& node, bool nested) {
        if (node.type == NodeType::path) {
            visit_path(node, nested);
        } else if (node.type == NodeType::variable) {
            use_variable(node, {}, nested);
        } else if (is_field(node)) {
            use_context(node, node.text, nested);
        } else if (node.type == NodeType::lambda) {
            visit_lambda(node, nested);
        } else if (node.type == NodeType::block) {
            visit_block(node, nested);
        } else if (node.type == NodeType::bind) {
            visit_bind(node, nested);
        } else if (node.type == NodeType::object) {
            visit_pairs(node, nested);
        } else {
            visit_parts(node, nested || node.type == NodeType::transform);
        }
    }

    const Program& program_;
    References out_;
    std::vector<std::uint32_t> bound_;
    int functions_ = 0;
};

}  // namespace

References Expression::references() const {
    return Survey{*program_}.run();
}

}  // namespace kiln::jsonata
