#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <cstdio>
#include <string>

/// What a fuzz target gives to the driver.
namespace kiln::fuzz {

/// Gives one input to the code under test. An Error of kind `invalid` is the right answer to a bad
/// input; anything else that is thrown, and every rule that does not hold, aborts.
void run(const std::string& input);

/// A word of the input's language, to be put in at random. @param number  any
[[nodiscard]] std::string word(std::size_t number);

/// Bad input is refused as invalid: any other kind would be retried, or taken for a fault of the
/// host.
inline void expect_refusal(const Error& error) {
    if (error.kind() != ErrorKind::invalid) {
        std::fprintf(stderr, "not refused as invalid: %s\n", error.what());
        KILN_CHECK(error.kind() == ErrorKind::invalid);
    }
}

}  // namespace kiln::fuzz
