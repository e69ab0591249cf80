#pragma once

namespace kiln::jail {

/// Gives the terminal back to our process group at the end: a shell makes itself the terminal's
/// owner, and from within its PID namespace it cannot name us to undo that.
class TerminalGroup {
  public:
    enum class Keep { no, yes };
    explicit TerminalGroup(Keep keep);
    TerminalGroup(TerminalGroup&&) = delete;
    ~TerminalGroup();

  private:
    int group_ = -1;
};

}  // namespace kiln::jail
