#include "jsonpath/intrinsic.hpp"

#include "jsonpath/call.hpp"
#include "jsonpath/text.hpp"

#include <fmt/format.h>

namespace kiln::jsonpath {

namespace {

/// Evaluates one expression's calls.
class Evaluation {
  public:
    Evaluation(const std::string& whole, const Resolver& documents, World& world)
        : whole_{whole}, documents_{documents}, world_{world} {}

    json::value value_of(const Call& call) {
        Arguments arguments;
        arguments.reserve(call.arguments.size());
        for (const auto& argument : call.arguments) {
            if (const auto* constant = std::get_if<json::value>(&argument); constant != nullptr) {
                arguments.emplace_back(constant);
            } else if (const auto* path = std::get_if<Path>(&argument); path != nullptr) {
                arguments.push_back(found(call, *path));
            } else {
                arguments.emplace_back(value_of(*std::get<std::shared_ptr<const Call>>(argument)));
            }
        }
        try {
            return call.function->call(arguments, world_);
        } catch (const Refused& refused) {
            throw IntrinsicError{Fault::argument, whole_, 0, refused.what(), call.text};
        }
    }

  private:
    Match found(const Call& call, const Path& path) {
        try {
            return path.require(documents_);
        } catch (const PathError& error) {
            auto message = error.message();
            if (error.fault() == Fault::missing) {
                message = fmt::format(
                    "The JsonPath argument for the field '{}' could not be found in the input '{}'",
                    path.text(),
                    compact_text(*documents_(path.root()))
                );
            }
            throw IntrinsicError{error.fault(), whole_, 0, std::move(message), call.text};
        }
    }

    const std::string& whole_;
    const Resolver& documents_;
    World& world_;
};

void collect_path(const Path& path, References& references) {
    switch (path.root().kind) {
        case RootKind::input:
            references.input_paths.insert(path.text());
            break;
        case RootKind::context:
            references.context_paths.insert(path.text());
            break;
        case RootKind::variable:
            references.variables.insert(path.root().variable);
            break;
    }
}

void collect_call(const Call& call, References& references) {
    for (const auto& argument : call.arguments) {
        if (const auto* path = std::get_if<Path>(&argument); path != nullptr) {
            collect_path(*path, references);
        } else if (const auto* inner = std::get_if<std::shared_ptr<const Call>>(&argument);
                   inner != nullptr) {
            collect_call(**inner, references);
        }
    }
}

}  // namespace

Intrinsic Intrinsic::compile(std::string_view text) {
    auto call = parse_call(text);
    return {std::make_shared<const std::string>(text), std::move(call)};
}

json::value Intrinsic::evaluate(const Resolver& documents, World& world) const {
    return Evaluation{*text_, documents, world}.value_of(*call_);
}

void Intrinsic::collect(References& references) const {
    collect_call(*call_, references);
}

Expression compile_expression(std::string_view text) {
    if (text.substr(0, 7) == "States.") {
        return Intrinsic::compile(text);
    }
    return Path::compile(text);
}

const std::string& text_of(const Expression& expression) noexcept {
    return std::visit([](const auto& is) -> const std::string& { return is.text(); }, expression);
}

json::value evaluate(const Expression& expression, const Resolver& documents, World& world) {
    if (const auto* path = std::get_if<Path>(&expression); path != nullptr) {
        return path->require(documents).take();
    }
    return std::get<Intrinsic>(expression).evaluate(documents, world);
}

void collect(const Expression& expression, References& references) {
    if (const auto* path = std::get_if<Path>(&expression); path != nullptr) {
        collect_path(*path, references);
    } else {
        std::get<Intrinsic>(expression).collect(references);
    }
}

}  // namespace kiln::jsonpath
