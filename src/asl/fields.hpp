#pragma once

#include "asl/report.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Objects of the States Language, read field by field.
namespace kiln::asl {

/// Names of fields.
using Names = std::span<const std::string_view>;

/// One object of a definition. What is wrong is reported; what cannot be read is nullopt or null.
/// The object has to outlive this.
class Fields {
  public:
    Fields(Session& session, const json::object& object, std::string where)
        : session_{session}, object_{object}, where_{std::move(where)} {}

    [[nodiscard]] Session& session() const noexcept { return session_; }

    [[nodiscard]] Report& report() const noexcept { return session_.report; }

    [[nodiscard]] const json::object& object() const noexcept { return object_; }

    [[nodiscard]] const std::string& where() const noexcept { return where_; }

    /// A field's location.
    [[nodiscard]] std::string at(std::string_view key) const;
    [[nodiscard]] std::string at(std::string_view key, std::size_t index) const;

    [[nodiscard]] const json::value* find(std::string_view key) const;

    [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }

    std::optional<std::string> string(std::string_view key) const;
    std::optional<bool> boolean(std::string_view key) const;
    std::optional<std::int64_t> integer(std::string_view key, std::int64_t low, std::int64_t high)
        const;
    /// @param high  below `low`: no bound
    std::optional<double> number(std::string_view key, double low, double high) const;
    [[nodiscard]] const json::object* object(std::string_view key) const;
    [[nodiscard]] const json::array* array(std::string_view key) const;
    /// Likewise, but an empty one is reported, and null.
    [[nodiscard]] const json::array* filled_array(std::string_view key) const;
    /// A string that is one of `values`.
    std::optional<std::string> one_of(
        std::string_view key, std::initializer_list<std::string_view> values
    ) const;

    /// Reports those that are missing. True: none is.
    bool require(std::initializer_list<std::string_view> keys) const;
    /// Reports every field that is not one of these, nor a Comment.
    void only(Names keys) const;
    void only(std::initializer_list<std::string_view> keys) const;
    /// At most one of these. False: there are several, which is reported.
    bool at_most_one(Names keys) const;
    bool at_most_one(std::initializer_list<std::string_view> keys) const;
    /// Exactly one of these; otherwise it is reported.
    bool exactly_one(Names keys) const;

  private:
    void wrong_type(std::string_view key, std::string_view type) const;

    Session& session_;
    const json::object& object_;
    std::string where_;
};

/// A whole number within [low, high]: an integer, or a double without a fraction.
/// Anything else is reported at `location`.
std::optional<std::int64_t> read_integer(
    Report& report,
    const json::value& value,
    std::int64_t low,
    std::int64_t high,
    const std::string& location
);

/// "[a, b]"
[[nodiscard]] std::string listed(Names names);

}  // namespace kiln::asl
