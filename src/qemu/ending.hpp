#pragma once

#include "compute/guest.hpp"
#include "os/spawn.hpp"

#include <string>

namespace kiln::qemu {

/// All that is known of a QEMU that has ended.
struct Ending {
    os::ExitStatus status;
    std::string reason;     ///< of its last event SHUTDOWN, QMP's word; "" it told none
    bool panicked = false;  ///< the guest's kernel said so
    bool reboot_asked = false;
    std::string words;  ///< the last it wrote to stderr
};

/// What that means for the instance. Pure.
/// Source: QEMU qapi/run-state.json, ShutdownCause
[[nodiscard]] compute::GuestEnd end_of_machine(const Ending& ending);

}  // namespace kiln::qemu
