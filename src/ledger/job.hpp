#pragma once

#include "os/files.hpp"
#include "ports/ledger.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <vector>

namespace kiln::ledger {

/// This process as an owner: a lock file `FOLDER/proc-….lock` that the kernel lets go of when the
/// process ends, however it ends. That lock is the lease: it needs no renewal and no clock.
///
/// The file has that name only while it is locked, so a file found unlocked is a dead owner's: the
/// mark of an unclean end. The sweep takes them away.
class Holder {
  public:
    /// Makes the folder (0700) when it is not there. @throws Error by errno
    explicit Holder(const std::filesystem::path& folder);
    Holder(Holder&&) = delete;
    ~Holder();  ///< removes its file

    [[nodiscard]] const HolderId& id() const noexcept { return id_; }

    /// Does a process of this host hold that lock? Also true for this process' own.
    [[nodiscard]] static bool alive(const std::filesystem::path& folder, const HolderId& id);
    /// Those that ended without taking their file away: kill -9, a power cut.
    [[nodiscard]] static std::vector<HolderId> dead(const std::filesystem::path& folder);
    /// Takes the files of `dead` away, once all that they owned is undone.
    static void forget(const std::filesystem::path& folder, const std::vector<HolderId>& dead);

  private:
    HolderId id_;
    std::filesystem::path path_;
    os::FileLock lock_;
};

/// Undoes one kind of resource. Absent is success. @throws Error when it could not
using Undo = std::function<void(const ports::Resource&)>;

struct SweepReport {
    std::vector<ports::LedgerEntry> undone;
    std::vector<std::pair<ports::LedgerEntry, std::string>>
        failed;  ///< kept in the ledger, with why
};

/// Undoes what belongs to dead owners, newest first. Safe from several threads and processes: one
/// sweep at a time, under a lock file in the holders' folder; the others wait for it.
///
/// An entry is released after its undo, so a sweep that is killed is done again by the next one:
/// every undo takes absence for success.
class Sweeper {
  public:
    Sweeper(
        ports::Ledger& ledger,
        std::filesystem::path holders,
        std::map<ports::ResourceKind, Undo> undo
    );

    /// What a sweep would undo. Pure in its inputs.
    [[nodiscard]] static std::vector<ports::LedgerEntry> plan(
        std::vector<ports::LedgerEntry> entries, const std::function<bool(const HolderId&)>& alive
    );

    enum class DryRun { no, yes };
    /// Goes on after an undo that fails; its entry stays, and is tried again by the next sweep.
    /// Costs one read and a few file tests when nobody is dead.
    SweepReport sweep(DryRun dry_run = DryRun::no);

    /// Undoes what a job of this process still owns, newest first.
    /// @throws Error  the first failure, after all the rest was undone
    void undo_job(const JobId& job);

  private:
    [[nodiscard]] std::vector<ports::LedgerEntry> dead_entries() const;
    SweepReport undo(const std::vector<ports::LedgerEntry>& entries);

    ports::Ledger& ledger_;
    std::filesystem::path holders_;
    std::map<ports::ResourceKind, Undo> undo_;
};

/// The undo functions for what is the kernel's: process, mount, loop, cgroup, folder. Each waits up
/// to 20 s for the kernel.
[[nodiscard]] std::map<ports::ResourceKind, Undo> kernel_undo();

}  // namespace kiln::ledger
