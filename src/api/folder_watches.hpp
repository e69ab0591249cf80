#pragma once

#include "os/fd.hpp"

#include <filesystem>
#include <optional>
#include <set>

namespace kiln::api {

/// Many folders watched with one descriptor, inotify(7). For one thread.
class FolderWatches {
  public:
    /// @throws Error by errno
    FolderWatches();

    /// Readable when something changed.
    [[nodiscard]] int fd() const noexcept { return inotify_.get(); }

    /// Watches what changes in a folder. The same folder has the same number.
    /// @returns  nullopt when it cannot be watched: it does not exist, or there are too many
    /// watches
    [[nodiscard]] std::optional<int> add(const std::filesystem::path& folder);

    void remove(int watch) noexcept;

    struct Changes {
        std::set<int> watches;
        bool all = false;  ///< so much happened that the kernel forgot what
    };

    /// What happened since the last call; does not wait.
    [[nodiscard]] Changes take();

  private:
    os::Fd inotify_;
};

}  // namespace kiln::api
