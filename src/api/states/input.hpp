#pragma once

#include "base/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::api::states {

/// An operation's input, which `refuse_input` has found good. A wrong kind of a member aborts: the
/// operation and the model disagree.
class Input {
  public:
    explicit Input(json::object object) : object_{std::move(object)} {}

    /// nullptr: it is absent, or null.
    [[nodiscard]] const json::value* find(std::string_view name) const noexcept;

    /// A required text.
    [[nodiscard]] std::string text(std::string_view name) const;
    [[nodiscard]] std::optional<std::string> maybe_text(std::string_view name) const;
    [[nodiscard]] bool flag(std::string_view name, bool fallback) const;
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const;
    [[nodiscard]] std::optional<double> decimal(std::string_view name) const;
    /// A structure without its members that are null.
    [[nodiscard]] std::optional<json::object> object(std::string_view name) const;
    /// The structures of a list; none where it is absent.
    [[nodiscard]] std::vector<Input> objects(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;

    [[nodiscard]] const json::object& all() const noexcept { return object_; }

  private:
    json::object object_;
};

}  // namespace kiln::api::states
