#pragma once

#include "base/ids.hpp"
#include "os/files.hpp"

#include <filesystem>
#include <utility>

namespace kiln::local {

struct Shared;

/// A volume's own qcow2 file, lent to a program that opens it by itself. The volume's lock is held
/// by this process: nobody else attaches, freezes or removes the volume meanwhile. The program's
/// own lock on the file keeps it safe when this process dies first.
class LentDisk {
  public:
    /// @see LocalCloud::lend
    static LentDisk lend(Shared& shared, const JobId& owner, const VolumeId& volume);

    LentDisk(LentDisk&& other) noexcept
        : shared_{std::exchange(other.shared_, nullptr)},
          volume_{std::move(other.volume_)},
          file_{std::move(other.file_)},
          lock_{std::move(other.lock_)},
          chains_{std::move(other.chains_)} {}

    LentDisk& operator=(LentDisk&&) = delete;
    ~LentDisk();

    /// Its backing files lie beside it.
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

    /// The program has the whole chain open now: layers below may be replaced from here on.
    void opened() { chains_.release(); }

    /// The program has ended. What it wrote is durable afterwards. Once is enough; the end of the
    /// object does it too, and logs what fails.
    void give_back();

  private:
    LentDisk(
        Shared& shared,
        VolumeId volume,
        std::filesystem::path file,
        os::FileLock lock,
        os::FileLock chains
    );

    Shared* shared_;
    VolumeId volume_;
    std::filesystem::path file_;
    os::FileLock lock_;
    os::FileLock chains_;
};

}  // namespace kiln::local
