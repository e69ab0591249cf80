#pragma once

#include "base/guarded.hpp"
#include "compute/guest.hpp"
#include "compute/netns.hpp"
#include "disk/root_disk.hpp"
#include "net/server.hpp"
#include "os/cgroup.hpp"
#include "ports/cloud.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

namespace kiln::compute {

/// Everything that a running container has, in the order in which it was made.
struct ContainerParts {
    std::unique_ptr<ports::AttachedVolume> volume;
    std::optional<disk::MountedRoot> root;
    os::Cgroup cgroup;
    InstanceNetwork network;
    std::unique_ptr<net::Server> metadata;
    os::Fd control;  ///< to its init
    int pid = 0;     ///< of its init
    os::Fd pidfd;
};

/// A container that runs.
class ContainerGuest final : public Guest {
  public:
    ContainerGuest(ContainerParts parts, const GuestPlan& plan);
    ContainerGuest(ContainerGuest&&) = delete;
    ~ContainerGuest() override;

    [[nodiscard]] int end_fd() const override { return parts_.pidfd.get(); }

    std::optional<GuestEnd> ended() override;
    void ask_to_stop() noexcept override;
    void ask_to_reboot() noexcept override;
    void kill() noexcept override;

    [[nodiscard]] std::optional<int> first_process() const override { return parts_.pid; }

    [[nodiscard]] std::vector<std::pair<std::uint16_t, std::string>> forwards() const override {
        return {};
    }

  private:
    void deliver_user_data(const GuestPlan& plan);
    void run_user_data(std::string_view script) noexcept;
    /// In the log, and on the console, where its owner looks.
    void say_not_run(const InstanceId& id, std::string_view why) noexcept;
    /// One frame as a whole; any thread.
    void tell(char letter, std::string_view bytes) noexcept;
    void take_down();

    ContainerParts parts_;
    Guarded<os::Fd> control_;  ///< to its init
    std::atomic<bool> user_data_waits_ = false;
    std::jthread fetching_;
};

/// What the end of a container's init means. Pure. @param status  as waitid(2) gives it
[[nodiscard]] GuestEnd end_of_init(int how, int status, bool out_of_memory);

}  // namespace kiln::compute
