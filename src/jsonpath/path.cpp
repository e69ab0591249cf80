#include "jsonpath/path.hpp"

#include "jsonpath/parser.hpp"
#include "jsonpath/text.hpp"
#include "jsonpath/walk.hpp"

#include <fmt/format.h>

namespace kiln::jsonpath {

namespace {

std::string fragment(const Step& step) {
    if (step.kind == Step::Kind::index) {
        return fmt::format("[{}]", step.indexes.front());
    }
    if (step.kind == Step::Kind::length) {
        return ".length()";
    }
    std::string text = "[";
    for (const auto& name : step.names) {
        text += fmt::format("{}'{}'", text.size() > 1 ? "," : "", name);
    }
    return text + "]";
}

/// As Jayway writes the token and all after it.
std::string rest_of(const Program& program, std::size_t from) {
    std::string text;
    for (auto i = from; i < program.steps.size(); ++i) {
        text += fragment(program.steps[i]);
    }
    return text;
}

/// What a value is called by Jayway, whose values are those of Java.
std::string_view java_class(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return "null";
        case json::kind::bool_:
            return "java.lang.Boolean";
        case json::kind::int64:
            return "java.lang.Integer";
        case json::kind::uint64:
            return "java.math.BigInteger";
        case json::kind::double_:
            return "java.lang.Double";
        case json::kind::string:
            return "java.lang.String";
        case json::kind::array:
            return "java.util.ArrayList";
        case json::kind::object:
            return "java.util.LinkedHashMap";
    }
    return "";
}

/// Why the step cannot be taken from a value of that kind; "" if it can.
std::string refusal(
    const Program& program, std::size_t at, const std::string& so_far, const json::value& value
) {
    const auto& step = program.steps[at];
    if (step.kind == Step::Kind::index) {
        if (value.is_null()) {
            return fmt::format("The path {} is null", so_far);
        }
        return value.is_array()
                   ? std::string{}
                   : fmt::format(
                         "Filter: {} can only be applied to arrays. Current context is: {}",
                         rest_of(program, at),
                         plain_text(value)
                     );
    }
    if (step.kind == Step::Kind::length || value.is_object()) {
        return {};
    }
    return fmt::format(
        "Expected to find an object with property {} in path {} but found '{}'. This is not a json "
        "object according to the JsonProvider: '{}'.",
        fragment(step),
        so_far,
        java_class(value),
        "com.jayway.jsonpath.spi.json.JacksonJsonProvider"
    );
}

const json::value* next(const Step& step, const json::value& value) {
    if (step.kind == Step::Kind::name) {
        return value.get_object().if_contains(step.names.front());
    }
    return step.kind == Step::Kind::index ? element(value.get_array(), step.indexes.front())
                                          : nullptr;
}

}  // namespace

json::value Match::take() && {
    if (auto* made = std::get_if<json::value>(&value_); made != nullptr) {
        return std::move(*made);
    }
    return *get();
}

Path Path::compile(std::string_view text) {
    return Path{std::make_shared<const Program>(Parser{text}.path())};
}

const std::string& Path::text() const noexcept {
    return program_->text;
}

const Root& Path::root() const noexcept {
    return program_->root;
}

bool Path::is_definite() const noexcept {
    return program_->definite;
}

bool Path::is_reference() const noexcept {
    return program_->reference;
}

bool Path::is_root() const noexcept {
    return program_->steps.empty();
}

Match Path::match(const json::value& document) const {
    if (program_->simple) {
        return Match{follow(*program_, document)};
    }
    Budget budget{program_->text};
    return evaluate(*program_, document, document, budget);
}

Match Path::require(const json::value& document) const {
    auto found = match(document);
    if (!found.found()) {
        throw PathError{Fault::missing, text(), 0, explain(document)};
    }
    return found;
}

Match Path::require(const Resolver& documents) const {
    const auto* document = documents(root());
    if (document == nullptr) {
        throw PathError{
            Fault::unassigned,
            text(),
            0,
            root().kind == RootKind::variable
                ? fmt::format("no value is assigned to the variable '${}'", root().variable)
                : "there is no such document here"};
    }
    return require(*document);
}

std::string Path::explain(const json::value& document) const {
    const auto* value = &document;
    std::string so_far = "$";
    const auto& steps = program_->steps;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].kind == Step::Kind::scan || steps[i].kind == Step::Kind::filter ||
            steps[i].kind == Step::Kind::wildcard || steps[i].kind == Step::Kind::slice ||
            steps[i].kind == Step::Kind::indexes) {
            break;
        }
        if (auto refused = refusal(*program_, i, so_far, *value); !refused.empty()) {
            return refused;
        }
        so_far += fragment(steps[i]);
        value = next(steps[i], *value);
        if (value == nullptr) {
            const bool leaf = i + 1 == steps.size() || steps[i].kind != Step::Kind::name;
            return leaf ? fmt::format(
                              "No results for path: $"
                              "{}",
                              rest_of(*program_, 0)
                          )
                        : fmt::format("Missing property in path {}", so_far);
        }
    }
    return fmt::format("No results for path: ${}", rest_of(*program_, 0));
}

std::string Path::unable_to_apply(const json::value& document) const {
    const auto* value = &document;
    for (const auto& step : program_->steps) {
        const auto* object = value->if_object();
        const auto* array = value->if_array();
        const bool named = step.kind == Step::Kind::name;
        const json::value* found = nullptr;
        if (named && object != nullptr) {
            found = object->if_contains(step.names.front());
        } else if (!named && array != nullptr && !step.indexes.empty()) {
            found = element(*array, step.indexes.front());
        }
        if (found == nullptr) {
            const auto name = named                  ? step.names.front()
                              : step.indexes.empty() ? std::string{"*"}
                                                     : std::to_string(step.indexes.front());
            return fmt::format(
                "Unable to apply step \"{}\" to input {}", name, compact_text(document)
            );
        }
        value = found;
    }
    return {};
}

}  // namespace kiln::jsonpath
