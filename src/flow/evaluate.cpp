#include "flow/data_flow.hpp"
#include "flow/json_text.hpp"

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
Payload DataFlow::document(const jsonpath::Root& root, const Subject& subject) {
    switch (root.kind) {
        case jsonpath::RootKind::input:
            return subject.input;
        case jsonpath::RootKind::context:
            return around_.context();
        case jsonpath::RootKind::variable:
            break;
    }
    return variable(root.variable);
}

/// A value inside a document is shared with it, not copied.
Payload DataFlow::require(const jsonpath::Path& path, const Subject& subject) {
    const auto from = document(path.root(), subject);
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
    const auto from = document(path.root(), {.input = effective()});
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
    std::vector<Payload> used;  // keeps what was resolved
    const auto resolve = [&](const jsonpath::Root& root) -> const json::value* {
        return used.emplace_back(document(root, subject)).get();
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
    std::vector<Payload> used;
    const auto resolve = [&](const jsonpath::Root& root) -> const json::value* {
        return used.emplace_back(document(root, subject)).get();
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
