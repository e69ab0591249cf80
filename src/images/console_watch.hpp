#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::images {

/// Watches a machine's serial console for words that say how its start went. Pure.
class ConsoleWatch {
  public:
    /// @param markers  one of them on the console proves the boot
    explicit ConsoleWatch(std::vector<std::string> markers);

    struct Verdict {
        bool booted = false;
        std::string word;  ///< the marker, or the words of a failure that nothing comes after
    };

    /// What came; the verdict once there is one. Markers are found across line ends of reads, and
    /// with terminal colours inside them.
    std::optional<Verdict> feed(std::string_view bytes);

    /// The last lines, printable UTF-8.
    [[nodiscard]] std::string tail(std::size_t lines) const;

  private:
    std::vector<std::string> markers_;
    std::string text_;      ///< without escape sequences; the last 64 KiB
    std::string escape_;    ///< an escape sequence that is not over yet
    std::size_t seen_ = 0;  ///< of text_: found to hold nothing
};

/// A login prompt, or systemd's word that all is up.
[[nodiscard]] const std::vector<std::string>& default_markers();

}  // namespace kiln::images
