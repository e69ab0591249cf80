#include "qemu/ending.hpp"

#include <fmt/format.h>

namespace kiln::qemu {

compute::GuestEnd end_of_machine(const Ending& ending) {
    using What = compute::GuestEnd::What;
    if (!ending.status.ok()) {
        return {
            What::failed,
            fmt::format(
                "QEMU ended ({}){}{}",
                ending.status.describe(),
                ending.words.empty() ? "" : ": ",
                ending.words
            )};
    }
    if (ending.panicked || ending.reason == "guest-panic") {
        return {What::failed, "its kernel panicked"};
    }
    if (ending.reason == "guest-reset") {
        return {What::rebooted, ""};
    }
    if (ending.reason == "guest-shutdown") {
        return {ending.reboot_asked ? What::rebooted : What::powered_off, ""};
    }
    return {
        What::failed,
        ending.reason.empty() ? "QEMU ended without saying why"
                              : fmt::format("QEMU was ended from outside ({})", ending.reason)};
}

}  // namespace kiln::qemu
