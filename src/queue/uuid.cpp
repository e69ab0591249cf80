#include "queue/uuid.hpp"

#include "base/random.hpp"

namespace kiln::queue {

std::string UuidSource::next() {
    if (used_ == random_.size()) {
        fill_random(random_);
        used_ = 0;
    }
    auto* const bytes = random_.data() + used_;
    used_ += 16;
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

}  // namespace kiln::queue
