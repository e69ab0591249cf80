#pragma once

#include "compute/guest.hpp"
#include "local/lent_disk.hpp"
#include "local/qmp.hpp"
#include "os/spawn.hpp"
#include "qemu/machine_network.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kiln::qemu {

/// Everything that a running machine has, in the order in which it was made.
struct MachineParts {
    std::unique_ptr<MachineNetwork> network;
    std::vector<Forward> forwards;
    std::optional<local::LentDisk> disk;
    os::Fd words;  ///< what QEMU writes to stderr: a file in memory
    std::optional<local::Qmp> monitor;
    os::Child program;
};

/// A QEMU that runs. Dies with the thread that started it.
class MachineGuest final : public compute::Guest {
  public:
    explicit MachineGuest(MachineParts parts) : parts_{std::move(parts)} {}

    MachineGuest(MachineGuest&&) = delete;
    ~MachineGuest() override;

    /// Waits until QEMU has opened its disks and runs the guest.
    /// @throws Error  unavailable: it ended; the message has its words · timed_out
    void wait_until_it_runs(Deadline deadline);

    [[nodiscard]] int end_fd() const override { return parts_.program.pidfd(); }

    std::optional<compute::GuestEnd> ended() override;
    void ask_to_stop() noexcept override;
    void ask_to_reboot() noexcept override;
    void kill() noexcept override;

    /// There is no way in but the network.
    [[nodiscard]] std::optional<int> first_process() const override { return std::nullopt; }

    [[nodiscard]] std::vector<std::pair<std::uint16_t, std::string>> forwards() const override;

  private:
    void press_power_button() noexcept;
    [[nodiscard]] std::string last_words() const;
    void take_down();

    MachineParts parts_;
    bool reboot_asked_ = false;
    std::optional<compute::GuestEnd> end_;
};

}  // namespace kiln::qemu
