#pragma once

#include "os/fd.hpp"

#include <string>
#include <string_view>

namespace kiln::os {

/// The kernel's messages since this object was made: why a mount failed stands only there.
/// Empty where /dev/kmsg cannot be read.
class KernelLog {
  public:
    KernelLog();
    /// The last message that has `word` in it, without its time stamp; "" when there is none.
    [[nodiscard]] std::string last_word_on(std::string_view word) const;

  private:
    Fd fd_;
};

}  // namespace kiln::os
