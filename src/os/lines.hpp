#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace kiln::os {

/// A line that a child wrote, or a part of one.
struct Line {
    std::string_view text;  ///< without the line break
    bool more = false;      ///< the next part belongs to the same line
};

/// Cuts what a child writes into lines.
///
/// A line longer than `longest` is handed over in parts: `more` is true for all but the last part.
/// Bytes are passed as they are, what is not UTF-8 is the receiver's concern; a part does not end
/// within a UTF-8 sequence.
class LineSplitter {
  public:
    using Sink = std::function<void(const Line&)>;
    /// @param longest  in bytes, at least 4
    LineSplitter(std::size_t longest, Sink sink);
    void feed(std::string_view bytes);
    /// The stream ended: hands over a last line that has no break.
    void finish();

  private:
    void hand_over_parts();

    std::size_t longest_;
    Sink sink_;
    std::string pending_;
};

}  // namespace kiln::os
