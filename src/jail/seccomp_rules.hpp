#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kiln::jail {

/// One refused system call. All others are allowed: the jail runs whole distributions.
struct SeccompRule {
    /// Which calls of that name are refused. Arguments count from 0, as the kernel's 32-bit `int`:
    /// it drops the upper half, so the filter must not look at it.
    enum class When {
        always,
        any_bit,     ///< the argument has one of the bits of `values[0]`
        equal,       ///< the argument is one of `values`
        none_equal,  ///< the argument is none of `values`, which are in rising order
    };

    std::string call;
    int error =
        0;  ///< errno that the caller gets: EPERM, or ENOSYS where a program then has another way
    std::string reason;
    When condition = When::always;
    unsigned argument = 0;
    std::vector<std::uint32_t> values;

    /// For people: "always", "argument 0 has a bit of 0x7e020080".
    [[nodiscard]] std::string when() const;
};

[[nodiscard]] const std::vector<SeccompRule>& seccomp_rules();

}  // namespace kiln::jail
