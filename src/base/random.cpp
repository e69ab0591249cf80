#include "base/random.hpp"

#include <cerrno>

#include "base/error.hpp"

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

}  // namespace kiln
