#pragma once

#include "ports/queue_store.hpp"
#include "sqlite/statement.hpp"

#include <string>
#include <string_view>

/// How what the queues remember stands in columns.
namespace kiln::sqlite {

/// What is a number in SQLite: a queue's messages stand together, in their order.
[[nodiscard]] constexpr std::int64_t packed(ports::MessageKey key) noexcept {
    return key.queue << 43 | key.sequence;
}

[[nodiscard]] constexpr ports::MessageKey unpacked(std::int64_t key) noexcept {
    return {key >> 43, key & ports::kLastMessageSequence};
}

/// JSON: {"name": ["String", "value"]}, a Binary's value in hex digits.
[[nodiscard]] std::string write_attributes(const ports::MessageAttributes& attributes);
/// @throws Error corrupt
[[nodiscard]] ports::MessageAttributes read_attributes(std::string_view text);

[[nodiscard]] std::string to_hex(std::string_view bytes);
/// @throws Error corrupt
[[nodiscard]] std::string from_hex(std::string_view digits);

}  // namespace kiln::sqlite
