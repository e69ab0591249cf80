#include "base/random.hpp"

#include "base/error.hpp"

#include <cerrno>

#include <sys/random.h>

namespace kiln {

void fill_random(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const auto got = ::getrandom(out.data(), out.size(), 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        KILN_CHECK(got > 0);
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

double random_jitter() {
    constexpr double kRange = 65536;
    const auto bytes = random_bytes<2>();
    return static_cast<double>(bytes[0] * 256 + bytes[1]) / kRange;
}

}  // namespace kiln
