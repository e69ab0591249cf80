#include "flow/engine/entropy.hpp"

#include "base/random.hpp"

#include <cstring>

namespace kiln::flow {

std::uint8_t* Entropy::take(std::size_t bytes) {
    if (used_ + bytes > random_.size()) {
        fill_random(random_);
        used_ = 0;
    }
    auto* const taken = random_.data() + used_;
    used_ += bytes;
    return taken;
}

std::uint64_t Entropy::number() {
    std::uint64_t number = 0;
    std::memcpy(&number, take(sizeof number), sizeof number);
    return number;
}

std::string Entropy::uuid() {
    auto* const bytes = take(16);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | 0x40U);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);
    constexpr auto* kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            text.push_back('-');
        }
        text.push_back(kDigits[bytes[i] >> 4U]);
        text.push_back(kDigits[bytes[i] & 0xfU]);
    }
    return text;
}

}  // namespace kiln::flow
