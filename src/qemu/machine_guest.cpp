#include "qemu/machine_guest.hpp"

#include "base/log.hpp"
#include "base/utf8.hpp"
#include "qemu/ending.hpp"

#include <array>
#include <chrono>
#include <csignal>

#include <unistd.h>

namespace kiln::qemu {

namespace {

constexpr std::chrono::seconds kReapTime{5};
constexpr std::chrono::seconds kButtonTime{2};

/// Adds what the monitor's events say of the end.
void read_events(const std::vector<json::object>& events, Ending& ending) {
    for (const auto& event : events) {
        const auto* name = event.if_contains("event");
        if (name == nullptr || !name->is_string()) {
            continue;
        }
        if (name->as_string() == "GUEST_PANICKED") {
            ending.panicked = true;
        }
        if (name->as_string() != "SHUTDOWN") {
            continue;
        }
        const auto* data = event.if_contains("data");
        const auto* facts = data != nullptr ? data->if_object() : nullptr;
        const auto* reason = facts != nullptr ? facts->if_contains("reason") : nullptr;
        if (reason != nullptr && reason->is_string()) {
            ending.reason = reason->as_string().c_str();
        }
    }
}

}  // namespace

MachineGuest::~MachineGuest() {
    if (end_) {
        return;
    }
    try {
        parts_.program = os::Child{};  // killed and reaped
        take_down();
    } catch (const std::exception& error) {
        log_warning("machine.left_behind", {{"error", error.what()}});
    }
}

void MachineGuest::wait_until_it_runs(Deadline deadline) {
    try {
        (void)parts_.monitor->execute("query-status", {}, deadline);
    } catch (const Error& error) {
        const auto status = error.kind() == ErrorKind::unavailable
                                ? parts_.program.wait(Deadline::after(kReapTime))
                                : std::nullopt;
        if (!status) {
            throw error.while_("start QEMU");
        }
        throw Error{
            local::qmp_error_kind(last_words()) == ErrorKind::conflict ? ErrorKind::conflict
                                                                       : ErrorKind::unavailable,
            "QEMU did not start (" + status->describe() + "): " + last_words()};
    }
    parts_.disk->opened();
}

std::optional<compute::GuestEnd> MachineGuest::ended() {
    if (end_) {
        return end_;
    }
    const auto status = parts_.program.wait(Deadline::after({}));
    if (!status) {
        return std::nullopt;
    }
    Ending ending;
    ending.status = *status;
    ending.reboot_asked = reboot_asked_;
    ending.words = last_words();
    try {
        parts_.monitor->poll();
    } catch (const Error& error) {
        log_debug("the monitor's last words are lost", {{"error", error.message()}});
    }
    read_events(parts_.monitor->events(), ending);
    end_ = end_of_machine(ending);
    try {
        take_down();
    } catch (const Error& error) {
        end_ = {compute::GuestEnd::What::failed, error.message()};
    }
    return end_;
}

void MachineGuest::take_down() {
    std::optional<Error> failure;
    try {
        if (parts_.disk) {
            parts_.disk->give_back();
        }
    } catch (const Error& error) {
        failure = error;
    }
    if (parts_.network) {
        parts_.network->close();
        parts_.network.reset();
    }
    if (failure) {
        throw std::move(*failure);
    }
}

void MachineGuest::press_power_button() noexcept {
    try {
        (void)parts_.monitor->execute("system_powerdown", {}, Deadline::after(kButtonTime));
    } catch (const std::exception& error) {
        log_debug("the power button does not answer", {{"error", error.what()}});
    }
}

void MachineGuest::ask_to_stop() noexcept {
    press_power_button();
}

void MachineGuest::ask_to_reboot() noexcept {
    reboot_asked_ = true;
    press_power_button();
}

void MachineGuest::kill() noexcept {
    parts_.program.signal(SIGKILL);
}

std::vector<std::pair<std::uint16_t, std::string>> MachineGuest::forwards() const {
    std::vector<std::pair<std::uint16_t, std::string>> found;
    for (const auto& forward : parts_.forwards) {
        if (forward.guest.protocol == "tcp") {
            found.emplace_back(
                forward.guest.number, forward.address + ":" + std::to_string(forward.port)
            );
        }
    }
    return found;
}

std::string MachineGuest::last_words() const {
    std::array<char, 2048> text;
    const auto n = ::pread(parts_.words.get(), text.data(), text.size(), 0);
    auto words = n > 0 ? to_utf8({text.data(), static_cast<std::size_t>(n)}) : std::string{};
    while (!words.empty() && words.back() == '\n') {
        words.pop_back();
    }
    return words;
}

}  // namespace kiln::qemu
