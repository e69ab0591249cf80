#pragma once

#include "base/bytes.hpp"
#include "os/fd.hpp"
#include "ports/instances.hpp"

#include <filesystem>

namespace kiln::compute {

/// What an instance wrote, in files of a folder, each named after the place of its first byte:
/// `console.0`, `console.524288`. The newest mebibyte at least is kept, twice that at most.
/// One writer; any number of readers in other processes.
class ConsoleLog {
  public:
    /// Goes on where the folder's files end. @throws Error by errno
    explicit ConsoleLog(std::filesystem::path folder);

    void append(std::string_view text);

    /// From that place on, or from the oldest byte that is kept. `open` is not set.
    [[nodiscard]] static ports::ConsoleOutput read(
        const std::filesystem::path& folder, std::uint64_t from
    );

    static constexpr std::uint64_t kPart = 512U << 10;
    static constexpr std::uint64_t kKept = 1U << 20;

  private:
    void begin_part();

    std::filesystem::path folder_;
    std::uint64_t end_ = 0;    ///< place of the next byte
    std::uint64_t begin_ = 0;  ///< of the file that is written to
    os::Fd file_;
};

}  // namespace kiln::compute
