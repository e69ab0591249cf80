#include "jail/terminal_group.hpp"

#include <csignal>

#include <unistd.h>

namespace kiln::jail {

TerminalGroup::TerminalGroup(Keep keep)
    : group_{keep == Keep::yes ? ::tcgetpgrp(STDIN_FILENO) : -1} {}

TerminalGroup::~TerminalGroup() {
    if (group_ < 0) {
        return;
    }
    // Whoever sets the owner from the background is stopped by SIGTTOU, unless he blocks it.
    sigset_t background;
    sigset_t before;
    ::sigemptyset(&background);
    ::sigaddset(&background, SIGTTOU);
    ::pthread_sigmask(SIG_BLOCK, &background, &before);
    (void)::tcsetpgrp(STDIN_FILENO, group_);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace kiln::jail
