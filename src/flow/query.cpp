#include "flow/data_flow.hpp"

#include <fmt/format.h>

namespace kiln::flow {
namespace {

/// Copies what `path` leads to from `at` on, with the objects around it, and nothing else of them.
void copy_along(
    const json::value& from, const std::vector<std::string>& path, std::size_t at, json::value& to
) {
    const auto* source = at < path.size() ? from.if_object() : nullptr;
    if (source == nullptr) {
        to = from;
        return;
    }
    auto& target = to.is_object() ? to.get_object() : to.emplace_object();
    if (const auto* member = source->if_contains(path[at])) {
        copy_along(*member, path, at + 1, target[path[at]]);
    }
}

/// `$states`, as far as the expression reads it: an input may be large.
json::value states_value(
    const jsonata::Expression& expression, const Subject& subject, Surroundings& around
) {
    json::object states;
    const auto add = [&](const std::vector<std::string>& path) {
        const auto wanted = [&](std::string_view name) {
            return path.empty() || path.front() == name;
        };
        const auto copy = [&](const char* name, const Payload& value) {
            if (value != nullptr && wanted(name)) {
                copy_along(*value, path, 1, states[name]);
            }
        };
        copy("input", subject.input);
        copy("result", subject.result);
        copy("errorOutput", subject.error_output);
        if (wanted("context")) {
            copy("context", around.context());
        }
    };
    for (const auto& reference : expression.references().variables) {
        if (reference.variable == "states") {
            add(reference.path);
        }
    }
    return states;
}

/// 0 ≤ n < 1, with all the digits that a double has.
double fraction_of(std::uint64_t random) {
    constexpr double kDraws = 9007199254740992.0;  // 2^53
    return static_cast<double>(random >> 11U) / kDraws;
}

std::string described(const jsonata::Error& error) {
    if (error.cause() == jsonata::Cause::result_type) {
        return "returned an unsupported result type.";
    }
    const bool coded = error.cause() == jsonata::Cause::expression && !error.code().empty();
    return fmt::format(
        "threw an error during evaluation. {}{}{}",
        coded ? error.code() : "",
        coded ? ": " : "",
        error.what()
    );
}

}  // namespace

json::value DataFlow::query(
    const asl::JsonataField& field, const Subject& subject, const std::string& path
) {
    const auto said = [&](std::string_view what) {
        return query_failure(
            fmt::format(
                "The JSONata expression '{}' specified for the field '{}' {}",
                field.text,
                path,
                what
            ),
            path
        );
    };
    const auto states = states_value(field.expression, subject, around_);
    jsonata::Bindings bindings{{"states", &states}};
    for (const auto* scope : around_.scopes()) {
        for (const auto& [name, value] : *scope) {
            bindings.emplace(name, value.get());  // an inner one hides those further out
        }
    }
    const jsonata::World world{
        around_.now(),
        [this] { return fraction_of(around_.random()); },
        [this] { return around_.uuid(); },
    };
    try {
        auto result = jsonata::evaluate(field.expression, nullptr, bindings, {}, world);
        if (!result) {
            throw said("returned nothing (undefined).");
        }
        return std::move(*result);
    } catch (const jsonata::Error& error) {
        throw said(described(error));
    }
}

/// Recursion is by the definition's depth, which its parser bounds.
json::value DataFlow::query(
    const asl::JsonataTemplate& node, const Subject& subject, const std::string& path
) {
    if (const auto* constant = std::get_if<json::value>(&node.node)) {
        return *constant;
    }
    if (const auto* field = std::get_if<asl::JsonataField>(&node.node)) {
        return query(*field, subject, path);
    }
    if (const auto* members = std::get_if<asl::JsonataTemplate::Object>(&node.node)) {
        json::object object;
        for (const auto& member : *members) {
            object.emplace(member.key, query(member.value, subject, path + "/" + member.key));
        }
        return object;
    }
    json::array array;
    for (const auto& element : std::get<asl::JsonataTemplate::Array>(node.node)) {
        array.push_back(query(element, subject, fmt::format("{}[{}]", path, array.size())));
    }
    return array;
}

}  // namespace kiln::flow
