#pragma once

#include "os/fd.hpp"

#include <filesystem>
#include <functional>
#include <stop_token>

namespace kiln::os {

/// So many pieces of work at once on this machine, over all processes: one locked file each. A
/// process that dies lets go of its slot with its descriptors.
class Slots {
  public:
    /// @param folder  made when missing; holds `slot-0` … `slot-(count-1)`
    Slots(std::filesystem::path folder, std::size_t count);

    /// Held until the object ends.
    class Slot {
      public:
        explicit Slot(Fd file) : file_{std::move(file)} {}

      private:
        Fd file_;
    };

    /// Waits for a free slot.
    /// @param on_wait  called once, when there is none at first
    /// @throws Error  cancelled: `stop`
    [[nodiscard]] Slot acquire(const std::stop_token& stop, const std::function<void()>& on_wait)
        const;

  private:
    std::filesystem::path folder_;
    std::size_t count_;
};

}  // namespace kiln::os
