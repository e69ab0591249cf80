#pragma once

#include "os/fd.hpp"

#include <ctime>

namespace kiln::jail {

/// A folder whose modification time is to look as if nobody had been there, unless somebody has.
class FolderTimes {
  public:
    /// Remembers the time before any change. @param folder  opened for reading
    explicit FolderTimes(os::Fd folder);

    /// What was changed until now was ours.
    void mark();
    /// Has the folder changed since `mark`?
    [[nodiscard]] bool touched() const;
    /// Sets the first time again. @throws Error by errno
    void restore() const;

    [[nodiscard]] int folder() const noexcept { return folder_.get(); }

  private:
    os::Fd folder_;
    std::timespec before_{};
    std::timespec marked_{};
};

}  // namespace kiln::jail
