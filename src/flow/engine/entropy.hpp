#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace kiln::flow {

/// Random numbers and UUIDs (version 4, RFC 9562) of the kernel's generator. Used by one thread.
class Entropy {
  public:
    [[nodiscard]] std::uint64_t number();
    [[nodiscard]] std::string uuid();

  private:
    /// The next bytes, at most 16.
    [[nodiscard]] std::uint8_t* take(std::size_t bytes);

    std::array<std::uint8_t, 4096> random_{};
    std::size_t used_ = 4096;
};

}  // namespace kiln::flow
