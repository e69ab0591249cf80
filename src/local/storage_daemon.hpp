#pragma once

#include "base/deadline.hpp"
#include "base/error.hpp"
#include "local/qmp.hpp"
#include "os/fd.hpp"
#include "os/loop_device.hpp"
#include "os/spawn.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace kiln::local {

/// One qemu-storage-daemon: opens a chain of layers and exports it as a raw file through FUSE.
///
/// Started at once and not waited for (its 7 ms of start-up overlap the caller's work); the first
/// call that needs it waits. Killed at the end of the object, and by the kernel when the thread
/// that started it ends. For one thread at a time.
class StorageDaemon {
  public:
    /// @param pid_file  written and kept locked (fcntl) while it lives
    /// @throws Error  not_found: qemu-storage-daemon is not installed
    static StorageDaemon start(const std::filesystem::path& pid_file);

    StorageDaemon(StorageDaemon&&) = default;
    ~StorageDaemon();

    /// Opens a layer with all below it.
    /// @throws Error  conflict: another process writes to it · not_found · corrupt
    void open(const std::filesystem::path& layer, os::Access access, Deadline deadline);

    /// Serves the layer as the regular file `target`, which must exist, one request at a time.
    void serve(const std::filesystem::path& target, os::Access access, Deadline deadline);

    /// From now on writes go to `overlay`, an empty qcow2 file that names the present layer as its
    /// backing file; the present layer is flushed and never written again. Atomic: nobody who reads
    /// or writes the export notices.
    /// @throws Error  exhausted: the present layer cannot be flushed
    void switch_to(const std::filesystem::path& overlay, Deadline deadline);

    /// Ends the export and the program; what it held is with the host's kernel afterwards.
    void stop(Deadline deadline);

    /// Kills it and takes the export away, whatever state they are in.
    void end() noexcept;

    /// Did it end, or did it find a layer corrupt? Cheap.
    [[nodiscard]] std::optional<Error> failure();

    [[nodiscard]] int pid() const noexcept { return child_.pid(); }

  private:
    StorageDaemon(
        os::Child child, os::Fd socket, os::Fd stderr_file, std::filesystem::path pid_file
    );

    json::value execute(std::string_view command, const json::object& arguments, Deadline deadline);
    void collect_status(Deadline deadline);
    [[nodiscard]] std::optional<Error> ended_error() const;
    [[nodiscard]] std::string last_words() const;

    os::Child child_;
    Qmp qmp_;
    os::Fd stderr_;
    std::filesystem::path pid_file_;
    std::filesystem::path target_;  ///< where the export is mounted, "" none
    std::optional<os::ExitStatus> ended_;
    unsigned generation_ = 0;  ///< of the top node's name; rises with each switch
};

}  // namespace kiln::local
