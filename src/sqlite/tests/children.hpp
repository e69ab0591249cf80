#pragma once

#include "os/fd.hpp"

#include <functional>
#include <vector>

namespace kiln::sqlite {

/// Forked processes of a test that all wait at one gate. Those that still live are killed at the
/// end.
class Children {
  public:
    Children();
    Children(Children&&) = delete;
    ~Children();

    /// Forks a child that runs `work` once the gate opens; its result is the exit code, 125 when it
    /// throws. To be called while this process has no thread but one.
    void fork(const std::function<int()>& work);

    /// Opens the gate. @returns  exit codes in order; -N for one that signal N killed
    std::vector<int> start_and_wait();

  private:
    std::vector<int> pids_;
    os::Fd gate_read_, gate_write_;
};

}  // namespace kiln::sqlite
