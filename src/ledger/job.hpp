#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <vector>

#include "os/files.hpp"
#include "ports/ledger.hpp"

namespace kiln::ledger {

/// This process as an owner: a lock file `FOLDER/proc-….lock` that the kernel lets go of when the
/// process ends, however it ends. That lock is the lease: it needs no renewal and no clock.
class Holder {
  public:
    explicit Holder(const std::filesystem::path& folder);
    Holder(Holder&&) = delete;
    ~Holder();  ///< removes its file

    [[nodiscard]] const HolderId& id() const noexcept { return id_; }
    /// Does another process of this host hold that lock?
    [[nodiscard]] static bool alive(const std::filesystem::path& folder, const HolderId& id);

  private:
    HolderId id_;
    std::filesystem::path path_;
    os::FileLock lock_;
};

/// Undoes one kind of resource. Absent is success. @throws Error when it could not
using Undo = std::function<void(const ports::Resource&)>;

struct SweepReport {
    std::vector<ports::LedgerEntry> undone;
    std::vector<std::pair<ports::LedgerEntry, std::string>> failed;  ///< kept in the ledger, with why
};

/// Undoes what belongs to dead owners, newest first.
class Sweeper {
  public:
    Sweeper(
        ports::Ledger& ledger, std::filesystem::path holders, std::map<ports::ResourceKind, Undo> undo
    );

    /// What a sweep would undo. Pure in its inputs.
    [[nodiscard]] static std::vector<ports::LedgerEntry> plan(
        std::vector<ports::LedgerEntry> entries,
        const std::function<bool(const HolderId&)>& alive
    );

    enum class DryRun { no, yes };
    SweepReport sweep(DryRun dry_run = DryRun::no);

    /// Undoes what a job of this process still owns, newest first. @throws Error the first failure
    void undo_job(const JobId& job);

  private:
    ports::Ledger& ledger_;
    std::filesystem::path holders_;
    std::map<ports::ResourceKind, Undo> undo_;
};

/// The undo functions for what is the kernel's: process, mount, loop, cgroup, folder.
[[nodiscard]] std::map<ports::ResourceKind, Undo> kernel_undo();

}  // namespace kiln::ledger
