#include "flow/data_flow.hpp"
#include "flow/json_text.hpp"

#include <algorithm>
#include <array>

namespace kiln::flow {
namespace {

/// Chance, as intrinsic functions ask for it.
class PathWorld final : public jsonpath::World {
  public:
    explicit PathWorld(Surroundings& around) : around_{around} {}

    std::uint64_t random_bits() override { return around_.random(); }

    std::string uuid() override { return around_.uuid(); }

  private:
    Surroundings& around_;
};

/// Whether a path into the context object may see Execution.Input.
bool sees_input(std::string_view path) {
    constexpr std::array<std::string_view, 8> kOthers{
        "$$.Map",
        "$$.State",
        "$$.StateMachine",
        "$$.Task",
        "$$.Execution.Id",
        "$$.Execution.Name",
        "$$.Execution.RoleArn",
        "$$.Execution.StartTime"};
    return path.starts_with("$$") &&
           std::none_of(kOthers.begin(), kOthers.end(), [path](std::string_view other) {
               return path.starts_with(other) &&
                      (path.size() == other.size() || path[other.size()] == '.');
           });
}

bool sees_input(const jsonpath::References& references) {
    const auto& paths = references.context_paths;
    return std::any_of(paths.begin(), paths.end(), [](const std::string& path) {
        return sees_input(std::string_view{path});
    });
}

Payload made(json::value value) {
    return std::make_shared<const json::value>(std::move(value));
}

}  // namespace

Payload DataFlow::variable(std::string_view name) {
    for (const auto* scope : around_.scopes()) {
        if (const auto found = scope->find(name); found != scope->end()) {
            return found->second;
        }
    }
    return nullptr;
}

/// What a path starts from; null: a variable that nobody has assigned.
Payload DataFlow::document(const jsonpath::Root& root, const Subject& subject, bool with_input) {
    switch (root.kind) {
        case jsonpath::RootKind::input:
            return subject.input;
        case jsonpath::RootKind::context:
            return with_input ? around_.context() : around_.context_without_input();
        case jsonpath::RootKind::variable:
            break;
    }
    return variable(root.variable);
}

/// A value inside a document is shared with it, not copied.
Payload DataFlow::require(const jsonpath::Path& path, const Subject& subject) {
    const auto from = document(path.root(), subject, sees_input(path.text()));
    try {
        if (from == nullptr) {
            static_cast<void>(path.require([](const jsonpath::Root&) -> const json::value* {
                return nullptr;
            }));
        }
        if (path.is_root()) {
            return from;
        }
        auto match = path.require(*from);
        return path.is_reference() ? Payload{from, match.get()} : made(std::move(match).take());
    } catch (const jsonpath::PathError& error) {
        throw runtime_failure(error.invalid_path());
    }
}

Payload DataFlow::find(const jsonpath::Path& path) {
    const auto from = document(path.root(), {.input = effective()}, sees_input(path.text()));
    if (from == nullptr || path.is_root()) {
        return from;
    }
    try {
        auto match = path.match(*from);
        if (!match.found()) {
            return nullptr;
        }
        return path.is_reference() ? Payload{from, match.get()} : made(std::move(match).take());
    } catch (const jsonpath::PathError& error) {
        throw runtime_failure(error.invalid_path());
    }
}

json::value DataFlow::render(const jsonpath::Template& filled, const Subject& subject) {
    PathWorld world{around_};
    jsonpath::References references;
    filled.collect(references);
    const bool with_input = sees_input(references);
    std::vector<Payload> used;  // keeps what was resolved
    const auto resolve = [&](const jsonpath::Root& root) -> const json::value* {
        return used.emplace_back(document(root, subject, with_input)).get();
    };
    try {
        return filled.render(std::ref(resolve), world);
    } catch (const jsonpath::TemplateError& error) {
        const auto shown =
            error.path_error() != nullptr ? document(error.root(), subject) : nullptr;
        throw runtime_failure(error.sentence(shown != nullptr ? json_text(*shown) : "{}"));
    }
}

json::value DataFlow::call(const jsonpath::Intrinsic& function, const Subject& subject) {
    PathWorld world{around_};
    jsonpath::References references;
    function.collect(references);
    const bool with_input = sees_input(references);
    std::vector<Payload> used;
    const auto resolve = [&](const jsonpath::Root& root) -> const json::value* {
        return used.emplace_back(document(root, subject, with_input)).get();
    };
    try {
        return function.evaluate(std::ref(resolve), world);
    } catch (const jsonpath::IntrinsicError& error) {
        throw runtime_failure(error.had_error());
    }
}

Payload DataFlow::evaluate(
    const asl::Setting& setting, const Subject& subject, std::string_view path
) {
    if (const auto* constant = std::get_if<json::value>(&setting.value)) {
        return share(*constant);
    }
    if (const auto* place = std::get_if<jsonpath::Path>(&setting.value)) {
        return require(*place, subject);
    }
    if (const auto* function = std::get_if<jsonpath::Intrinsic>(&setting.value)) {
        return made(call(*function, subject));
    }
    if (const auto* filled = std::get_if<jsonpath::Template>(&setting.value)) {
        return made(render(*filled, subject));
    }
    return evaluate(std::get<asl::JsonataTemplate>(setting.value), subject, path);
}

Payload DataFlow::evaluate(const asl::Setting& setting) {
    const bool jsonata = state_.language == asl::QueryLanguage::jsonata;
    return evaluate(setting, {.input = jsonata ? raw_ : effective()}, setting.field);
}

Payload DataFlow::evaluate(
    const asl::JsonataTemplate& expression, const Subject& subject, std::string_view path
) {
    if (const auto* constant = std::get_if<json::value>(&expression.node)) {
        return share(*constant);
    }
    return made(query(expression, subject, std::string{path}));
}

Variables DataFlow::assign(const asl::Assignments& assignments, const Subject& subject) {
    json::value values;
    if (const auto* filled = std::get_if<jsonpath::Template>(&assignments.values)) {
        values = render(*filled, subject);
    } else {
        values = query(std::get<asl::JsonataTemplate>(assignments.values), subject, "Assign");
    }
    check_payload_size(values, state_.name, limit_bytes_);
    Variables assigned;
    if (auto* object = values.if_object()) {
        for (auto& member : *object) {
            assigned.emplace(member.key(), made(std::move(member.value())));
        }
    }
    if (inspection_ != nullptr) {
        inspection_->assigned = assigned;
    }
    return assigned;
}

}  // namespace kiln::flow
