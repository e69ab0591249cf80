#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

/// What AWS' model says of an operation's input: types, and what they are held to.
/// Source: botocore, stepfunctions/2016-11-23/service-2.json.
namespace kiln::api::states {

enum class Kind { text, integer, decimal, boolean, list, structure };

struct Shape;

struct Member {
    std::string_view name;
    const Shape* shape = nullptr;
    bool required = false;
};

/// A regular expression of the model, with a function that does what it says.
struct Pattern {
    std::string_view text;
    bool (*matches)(std::string_view) noexcept = nullptr;
};

constexpr std::int64_t kNoLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kNoMost = std::numeric_limits<std::int64_t>::max();

struct Shape {
    std::string_view name;
    Kind kind = Kind::text;
    std::int64_t least = kNoLeast;  ///< of a number; of a text's or a list's length
    std::int64_t most = kNoMost;
    bool secret = false;  ///< not repeated in messages
    const Pattern* pattern = nullptr;
    std::span<const std::string_view> words;  ///< none: any
    const Shape* item = nullptr;              ///< of a list
    std::span<const Member> members;          ///< of a structure
};

/// An operation's input. nullptr: there is no such operation.
[[nodiscard]] const Shape* input_of(std::string_view operation) noexcept;
/// The names of all operations, sorted.
[[nodiscard]] std::span<const std::string_view> operation_names() noexcept;

}  // namespace kiln::api::states
