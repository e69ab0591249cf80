#pragma once

#include "base/json.hpp"
#include "base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Fields that several requests have. What is wrong is recorded with the reader. Pure.
namespace kiln::instances::fields {

/// 1 to 64 of A-Z a-z 0-9 . _ -: good in a tag, in a name and in a shell's script.
std::string word(
    ObjectReader& reader,
    std::string_view key,
    ObjectReader::Need need = ObjectReader::Need::optional
);

/// A channel's name, with or without '#'.
std::string channel(ObjectReader& reader, std::string_view key);

/// An id with this prefix and hex digits after it, as "sg-".
std::string id(ObjectReader& reader, std::string_view key, std::string_view prefix);

/// A name's template.
std::string name_template(ObjectReader& reader, std::string_view key);

/// Whole seconds.
std::optional<Duration> seconds(
    ObjectReader& reader, std::string_view key, std::int64_t low, std::int64_t high
);

[[nodiscard]] bool is_channel(std::string_view text) noexcept;

}  // namespace kiln::instances::fields
