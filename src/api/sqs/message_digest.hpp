#pragma once

#include "ports/queue.hpp"

#include <string>

namespace kiln::api::sqs {

/// MD5 of a message's attributes as SDKs compute it to compare: by name, of each its name, its
/// type, 1 for text or 2 for bytes, its value; texts after their length as 4 bytes. Pure.
[[nodiscard]] std::string attributes_md5(const ports::MessageAttributes& attributes);

/// Is the value bytes? "Binary", "Binary.png".
[[nodiscard]] bool is_binary(std::string_view type) noexcept;

}  // namespace kiln::api::sqs
