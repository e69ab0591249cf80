#pragma once

#include "jsonpath/intrinsic.hpp"

#include <memory>
#include <string>
#include <vector>

namespace kiln::jsonpath {

struct TemplateNode;

/// One thing that is wrong with a payload template's definition.
struct TemplateProblem {
    enum class Kind {
        not_an_expression,  ///< neither a path nor a call: the text is in `value`, why in `message`
        not_a_string,       ///< a key that ends in ".$" holds something else than a string
        duplicate_key,      ///< the same name with and without ".$"
        too_deep,           ///< nested deeper than 100 levels
    };

    Kind kind;
    std::string field;                 ///< the key as written: "parsed.$"
    std::vector<std::string> parents;  ///< keys and indexes from the template's root to its object
    std::string value;                 ///< the expression's text, or "" if it is no string
    std::string message;               ///< what is wrong, in kiln's words
};

/// An expression of a template that gave no value.
class TemplateError : public std::exception {
  public:
    TemplateError(std::string field, std::vector<std::string> parents, PathError cause, Root root);
    TemplateError(std::string field, std::vector<std::string> parents, IntrinsicError cause);

    /// The key as written: "value.$".
    [[nodiscard]] const std::string& field() const noexcept { return field_; }

    /// Keys and indexes from the template's root to the object that has the field.
    [[nodiscard]] const std::vector<std::string>& parents() const noexcept { return parents_; }

    /// Which document the path was sought in; only with `path_error()`.
    [[nodiscard]] const Root& root() const noexcept { return root_; }

    /// Exactly one of the two is not null.
    [[nodiscard]] const PathError* path_error() const noexcept;
    [[nodiscard]] const IntrinsicError* intrinsic_error() const noexcept;

    /// AWS' sentence, with `input` (compact JSON text) as what a path was not found in.
    [[nodiscard]] std::string sentence(std::string_view input) const;

    [[nodiscard]] const char* what() const noexcept override;

  private:
    std::string field_;
    std::vector<std::string> parents_;
    std::variant<PathError, IntrinsicError> cause_;
    Root root_;
};

/// A compiled payload template (Parameters, ResultSelector, ItemSelector, Assign in JSONPath mode):
/// immutable, cheap to copy, safe to use from many threads.
///
/// A key that ends in ".$" has a path or an intrinsic function, at any depth of objects and arrays;
/// all else is constant.
class Template {
  public:
    /// Collects all problems; what it returns then is not to be rendered.
    [[nodiscard]] static Template compile(
        const json::value& definition, std::vector<TemplateProblem>& problems
    );

    /// @throws Error  invalid: with all problems
    [[nodiscard]] static Template compile(const json::value& definition);

    /// @throws TemplateError  the first expression that gives no value
    [[nodiscard]] json::value render(const Resolver& documents, World& world) const;

    /// True if no key ends in ".$".
    [[nodiscard]] bool is_constant() const noexcept;

    void collect(References& references) const;

  private:
    explicit Template(std::shared_ptr<const TemplateNode> root) : root_{std::move(root)} {}

    std::shared_ptr<const TemplateNode> root_;
};

/// `tmpl.render(…)`.
[[nodiscard]] inline json::value render(
    const Template& tmpl, const Resolver& documents, World& world
) {
    return tmpl.render(documents, world);
}

}  // namespace kiln::jsonpath
