#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "os/files.hpp"

#include <filesystem>
#include <optional>
#include <vector>

namespace kiln::local {

/// The folder of layers: `layers/lay-….qcow2`, and beside it the locks of volumes.
///
///     CLOUD/layers/lay-….qcow2    one layer; 0600 while it is written to, 0444 once frozen
///     CLOUD/attached/vol-….lock   locked by the process that has the volume attached
///     CLOUD/attached/vol-….pid    of its storage daemon, locked by that
///     CLOUD/chains.lock           shared: chains are being opened; exclusive: layers are removed
class LayerFiles {
  public:
    /// Makes the folders. @throws Error by errno
    explicit LayerFiles(const std::filesystem::path& cloud);

    [[nodiscard]] static std::string name(const LayerId& id) { return id.str() + ".qcow2"; }

    [[nodiscard]] std::filesystem::path path(const LayerId& id) const { return layers_ / name(id); }

    [[nodiscard]] const std::filesystem::path& folder() const noexcept { return layers_; }

    /// An empty layer, durable on return with its name. @throws Error exhausted · conflict: exists
    void make(const LayerId& id, Bytes virtual_size, const std::optional<LayerId>& backing) const;
    /// What was written is durable and the file is write-protected on return.
    void freeze(const LayerId& id) const;
    /// Absent is success.
    void remove(const LayerId& id) const;
    /// Puts `fresh` in the place of `id`, durably.
    void replace(const LayerId& id, const LayerId& fresh) const;
    [[nodiscard]] bool exists(const LayerId& id) const;
    /// The layer that the file's header names below itself.
    [[nodiscard]] std::optional<LayerId> backing(const LayerId& id) const;
    /// Every file that has a layer's name.
    [[nodiscard]] std::vector<LayerId> list() const;

    [[nodiscard]] std::filesystem::path pid_file(const VolumeId& id) const;
    /// The right to attach, freeze or remove a volume. Empty: another one has it.
    [[nodiscard]] os::FileLock try_lock(const VolumeId& id) const;
    /// Removes the lock's file, with the lock held; volume ids never come again.
    void forget_lock(const VolumeId& id) const;
    /// Volumes that have a lock's or a pid file here.
    [[nodiscard]] std::vector<VolumeId> list_locks() const;
    [[nodiscard]] os::FileLock lock_chains(os::FileLock::Mode mode) const;

  private:
    std::filesystem::path cloud_, layers_, attached_;
};

}  // namespace kiln::local
