#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

namespace kiln::net {

/// Whose connections are counted together: one IPv4 address, or one IPv6 network of 64 bits, since
/// that is what one customer gets.
using Origin = std::array<std::uint8_t, 8>;

/// Which connections are let in. Pure; each `admit` that says `yes` is followed by a `leave`.
class Admission {
  public:
    enum class Answer { yes, too_many, too_many_of_one };

    Admission(std::size_t most, std::size_t most_of_one) : most_{most}, most_of_one_{most_of_one} {}

    Answer admit(const Origin& origin);
    void leave(const Origin& origin);

    [[nodiscard]] std::size_t open() const noexcept { return open_; }

    [[nodiscard]] bool full() const noexcept { return open_ >= most_; }

  private:
    struct Hash {
        std::size_t operator()(const Origin& origin) const noexcept;
    };

    std::size_t most_;
    std::size_t most_of_one_;
    std::size_t open_ = 0;
    std::unordered_map<Origin, std::size_t, Hash> by_origin_;
};

}  // namespace kiln::net
