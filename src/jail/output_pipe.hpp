#pragma once

#include "jail/jail.hpp"
#include "os/fd.hpp"
#include "os/spawn.hpp"

#include <cstdint>
#include <string>

namespace kiln::jail {

/// Our end of a pipe that the jail writes into: never blocks, hands over lines.
class OutputPipe {
  public:
    /// Without a descriptor there is no output, as for a terminal.
    OutputPipe(os::Fd fd, Stream stream, const LineSink& sink);
    OutputPipe(OutputPipe&&) = delete;

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }  ///< -1 once it has ended

    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

    /// The start of the last line that is not empty.
    [[nodiscard]] const std::string& last_line() const noexcept { return last_line_; }

    /// Reads what is there, at most a few hundred KiB, so that the caller can look at its clock.
    void read_some();
    /// Nobody writes any more: reads the rest. Somebody outside may hold the pipe all the same (the
    /// jail can hand its descriptor over through a socket): such a one is not waited for.
    void finish();

  private:
    bool read_once();
    void keep(const os::Line& line);

    os::Fd fd_;
    std::uint64_t bytes_ = 0;
    std::string last_line_;
    bool within_line_ = false;
    os::LineSplitter splitter_;
};

}  // namespace kiln::jail
