#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// What is wrong with a JSON text, in the words of AWS' parser (Jackson).
namespace kiln::asl {

struct JsonFault {
    /// "Unrecognized token 'not': was expecting (JSON String, Number, …)"
    std::string message;
    /// Where the parser stood, from 1; columns count UTF-16 units, as Java does.
    std::size_t line = 1;
    std::size_t column = 1;

    bool operator==(const JsonFault&) const = default;
};

/// Deeper nesting of arrays and objects is a fault: Jackson's limit.
inline constexpr std::size_t kDeepestJson = 1000;

/// The first fault of `text` as one JSON document; nullopt: it is one. Text after the document is a
/// fault; a key that stands twice is none.
[[nodiscard]] std::optional<JsonFault> explain_json_error(std::string_view text);

/// `[Source: (String)"TEXT"; line: 1, column: 4]`, the text cut off after 500 characters.
[[nodiscard]] std::string json_source(std::string_view text, std::size_t line, std::size_t column);

}  // namespace kiln::asl
