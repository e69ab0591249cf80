#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace kiln::queue {

/// Random UUIDs (version 4, RFC 9562). Used by one thread.
class UuidSource {
  public:
    [[nodiscard]] std::string next();

  private:
    std::array<std::uint8_t, 1024> random_{};
    std::size_t used_ = 1024;
};

}  // namespace kiln::queue
