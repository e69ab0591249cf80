#pragma once

#include "base/deadline.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "compute/types.hpp"
#include "ports/instances.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

/// What runs inside an instance, as its keeper sees it: one start, one end.
namespace kiln::compute {

/// Everything that a guest is started from. A value: the keeper has looked all of it up.
struct GuestPlan {
    InstanceId id;
    JobId job;  ///< the keeper's: what the guest makes goes into the ledger under it, before
    std::filesystem::path folder;  ///< of the job (0700), there already; undone with it
    VolumeId volume;               ///< of the root; nobody else has it
    bool grow = false;  ///< the volume is larger than its image: the root file system is to fill it
    ImageId image;
    std::string hostname;                     ///< "ip-10-64-0-2"
    std::string address;                      ///< IPv4 of the instance, "10.64.0.2"
    std::string gateway;                      ///< IPv4 of the host as the instance sees it
    std::vector<std::string> nameservers;     ///< that the instance can reach
    std::vector<ports::IngressRule> ingress;  ///< of all its groups
    std::string home_cidr;       ///< the network that all instances of this home are in
    bool default_group = false;  ///< it has no group of its own: this host alone may come in
    InstanceType type;
    std::vector<std::string> group_names;
    std::function<ports::Instance()> look;  ///< the instance as it is now; any thread
    std::string ssh_key;                    ///< OpenSSH's line; "" none
    std::string user_data;                  ///< as given at launch
    bool first_boot = true;                 ///< user data runs then, and host keys are made
    std::optional<TimePoint>
        deadline;  ///< the guest powers itself off then, whatever becomes of us
    /// The write end of a pipe that the keeper reads the console from: to be given to the guest (as
    /// stdout, as serial line); the keeper closes its own copy after `start`.
    int console = -1;
};

/// How a guest ended, and what that means for its instance.
struct GuestEnd {
    enum class What {
        powered_off,  ///< by itself or because it was asked to
        rebooted,     ///< it wants to be started again, with the same volume
        failed,       ///< it crashed, or what it runs in did
    };
    What what = What::failed;
    std::string why;               ///< of a failure: one line for people
    bool user_data_waits = false;  ///< it ended before its user data could begin
};

/// One that runs. Its end is awaited by poll(2) on `end_fd()`. Destroying one that still runs kills
/// it and waits for that. All calls come from one thread.
class Guest {
  public:
    virtual ~Guest() = default;
    /// Becomes readable when the guest has ended, or something about it wants `ended()` to be
    /// called.
    [[nodiscard]] virtual int end_fd() const = 0;
    /// To be called when `end_fd()` is readable, or again after `kill()`. nullopt: it still runs.
    /// When it has ended, all that it used is let go of: the volume is detached, durable.
    virtual std::optional<GuestEnd> ended() = 0;
    /// Asks for an orderly end (SIGTERM to the init, ACPI power button). Returns at once; asking
    /// again does no harm. Who does not listen is killed by the keeper after a grace time.
    virtual void ask_to_stop() noexcept = 0;
    /// Asks for an orderly end after which it is `rebooted`.
    virtual void ask_to_reboot() noexcept = 0;
    /// At once. `ended()` tells then, within seconds.
    virtual void kill() noexcept = 0;
    /// The first process of the instance as this host sees it, for `kiln instance exec`: its
    /// namespaces are entered. nullopt: there is no way in but the network.
    [[nodiscard]] virtual std::optional<int> first_process() const = 0;
    /// Ports of the host that lead to ports of the guest: {guest's port, "127.0.0.1:PORT"}. Empty
    /// where the guest has an address of its own.
    [[nodiscard]] virtual std::vector<std::pair<std::uint16_t, std::string>> forwards() const = 0;
};

/// One way to run guests: containers, QEMU machines.
class GuestFamily {
  public:
    virtual ~GuestFamily() = default;
    /// Attaches the volume and starts the guest. Returns when its first process (QEMU for a
    /// machine) runs. The thread that calls lives as long as the guest.
    /// @throws Error  any: it could not be started; the keeper undoes the job
    [[nodiscard]] virtual std::unique_ptr<Guest> start(
        const GuestPlan& plan, const std::stop_token& stop, Deadline deadline
    ) = 0;
};

}  // namespace kiln::compute
