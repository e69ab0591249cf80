#include "base/ids.hpp"

#include "base/random.hpp"

#include <cerrno>

namespace kiln {

namespace {
constexpr std::size_t kDigits = 17;
constexpr std::string_view kHex = "0123456789abcdef";
}  // namespace

std::string random_id(std::string_view prefix) {
    std::string id{prefix};
    for (const auto byte : random_bytes<kDigits>()) {
        id += kHex[byte & 0xf];
    }
    return id;
}

bool is_id(std::string_view prefix, std::string_view text) noexcept {
    return text.starts_with(prefix) && text.size() == prefix.size() + kDigits &&
           text.find_first_not_of(kHex, prefix.size()) == std::string_view::npos;
}

}  // namespace kiln
