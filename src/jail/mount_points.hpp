#pragma once

#include "jail/folder_times.hpp"
#include "jail/jail.hpp"
#include "os/guest_root.hpp"

#include <string>
#include <vector>

namespace kiln::jail {

/// The places in the image that bubblewrap mounts on, safe to mount on.
///
/// bubblewrap follows links on the way to a mount point and makes what is missing, with the host's
/// root beside the new one: an image with a link at `/tmp` could so make it write on the host.
/// Hence no part of a mount point's path may be a link, and what is missing is made here, and
/// removed again if it is still empty at the end. The volume must be idle meanwhile.
class MountPoints {
  public:
    /// @throws Error  invalid: a link, or a file where a folder must be; the message names it
    explicit MountPoints(const JailPlan& plan);
    MountPoints(MountPoints&&) = delete;
    ~MountPoints();

  private:
    enum class Kind { folder, file };

    struct Made {
        FolderTimes parent;
        std::string path;
        Kind kind;
    };

    void prepare(const std::string& path, Kind kind);
    void prepare_part(const std::string& path, Kind kind);
    void take_back() noexcept;

    os::GuestRoot guest_;
    const JailPlan& plan_;
    std::vector<Made> made_;
};

}  // namespace kiln::jail
