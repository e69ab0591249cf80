#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

namespace kiln {

namespace json = boost::json;

/// Parses one JSON document; duplicate keys and text after it are errors.
/// @param limit_bytes  a longer text is refused unread
/// @throws Error  invalid: with line and column
[[nodiscard]] json::value parse_json(std::string_view text, std::size_t limit_bytes = 16U << 20);

/// Two-space indented, keys in their order, a newline at the end.
[[nodiscard]] std::string pretty_json(const json::value& value);

/// Reads one JSON object field by field and collects everything that is wrong with it.
///
/// A field that is absent, null or of a wrong type reads as nullopt; the wrong type is recorded.
/// `finish()` records each key that nobody asked for, with a suggestion. The caller throws once at
/// the end, with all problems: `if (!problems.empty()) throw Error{"bad request", problems};`
class ObjectReader {
  public:
    /// `where` is the object's own path, "" for the document. A value that is no object is
    /// recorded.
    ObjectReader(const json::value& value, std::string where, std::vector<Problem>& problems);
    /// What is read has to outlive the reader.
    ObjectReader(json::value&& value, std::string where, std::vector<Problem>& problems) = delete;

    enum class Need { optional, required };

    std::optional<std::string> string(std::string_view key, Need need = Need::optional);
    std::optional<bool> boolean(std::string_view key, Need need = Need::optional);

    /// A whole number within [low, high]; anything else is recorded.
    std::optional<std::int64_t> integer(
        std::string_view key, std::int64_t low, std::int64_t high, Need need = Need::optional
    );

    /// The raw value, to be read by another reader; its path is `path(key)`.
    const json::value* value(std::string_view key, Need need = Need::optional);
    const json::object* object(std::string_view key, Need need = Need::optional);
    const json::array* array(std::string_view key, Need need = Need::optional);

    std::optional<std::vector<std::string>> strings(
        std::string_view key, Need need = Need::optional
    );

    /// An object whose values are all strings.
    std::optional<std::vector<std::pair<std::string, std::string>>> string_map(
        std::string_view key, Need need = Need::optional
    );

    /// Records a problem with `key`.
    void complain(std::string_view key, std::string what);

    [[nodiscard]] std::string path(std::string_view key) const;

    /// Records unknown keys. To be called once, after all reads.
    void finish();

  private:
    const json::value* find(std::string_view key, Need need);

    const json::object* object_ = nullptr;
    std::string where_;
    std::vector<Problem>& problems_;
    std::vector<std::string> known_;
};

/// What a value is, with its article, for messages: "a string", "null", "an array".
[[nodiscard]] std::string_view kind_name(const json::value& value) noexcept;

}  // namespace kiln
