#pragma once

#include "os/fd.hpp"
#include "os/spawn.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace kiln::aws::testing {

/// A server for all tests of this program: started by the first that asks, on a port that the
/// kernel chose, ended with the program.
class PeerProcess {
  public:
    /// What it prints on stdout and stderr goes to `log`.
    PeerProcess(os::Command command, std::filesystem::path log);
    PeerProcess(const PeerProcess&) = delete;
    PeerProcess& operator=(const PeerProcess&) = delete;
    /// SIGTERM, and SIGKILL when that does not end it.
    ~PeerProcess();

    /// Waits until `found` finds what it looks for in the log.
    /// @throws Error  internal: it ended before · timed_out
    std::string wait_for(const std::function<std::optional<std::string>(const std::string&)>& found
    );

  private:
    std::filesystem::path log_;
    os::Fd out_;
    os::Child child_;
};

/// An environment variable; "" where it is not set.
std::string variable_of_process(const char* name);

}  // namespace kiln::aws::testing
