#pragma once

#include "jail/folder_times.hpp"
#include "os/guest_root.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kiln::jail {

/// One file that takes the place of another in the image for a while.
///
/// What stood there is renamed to `.kiln-NAME` beside it. A process that is killed meanwhile leaves
/// it there; the next Visitor at the same path puts it back first.
class Visitor {
  public:
    /// The folder of `path` must exist. `guest` outlives this.
    /// @throws Error by errno; the original is back then
    Visitor(const os::GuestRoot& guest, std::string path, std::string bytes, unsigned mode);
    Visitor(Visitor&&) = delete;
    ~Visitor();

    /// Puts the original back, unless our file was changed, replaced or removed: then that is meant
    /// to stay, and the original goes. A second call does nothing. @throws Error by errno
    void revert();

  private:
    [[nodiscard]] bool is_ours() const;
    [[nodiscard]] std::uint64_t inode() const;
    void place(unsigned mode);

    const os::GuestRoot& guest_;
    std::string path_;
    std::string aside_;
    std::string bytes_;
    FolderTimes times_;
    std::uint64_t inode_ = 0;
    bool done_ = false;
};

/// Where `path` leads inside the image while the jail runs, every link followed; a last part need
/// not exist. On /run and /tmp, which are the jail's own then, nothing is followed.
/// @returns  nullopt for links in a circle
[[nodiscard]] std::optional<std::string> leads_to(
    const os::GuestRoot& guest, std::string_view path
);

}  // namespace kiln::jail
