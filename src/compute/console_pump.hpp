#pragma once

#include "compute/console_log.hpp"
#include "os/fd.hpp"

#include <stop_token>
#include <thread>

namespace kiln::compute {

/// Takes what a guest writes into its log, until the last writer has closed the pipe.
class ConsolePump {
  public:
    /// @param folder  of the log
    explicit ConsolePump(const std::filesystem::path& folder);
    ConsolePump(ConsolePump&&) = delete;

    /// The pipe's end that the guest is to write to.
    [[nodiscard]] int writer() const noexcept { return writer_.get(); }

    void guest_has_it() { writer_ = {}; }

  private:
    void pump(const std::stop_token& stop) noexcept;
    /// @returns  false: nobody writes any more
    bool take_some();

    ConsoleLog log_;
    os::Fd reader_;
    os::Fd writer_;
    std::jthread thread_;
};

}  // namespace kiln::compute
