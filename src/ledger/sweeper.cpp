#include "base/log.hpp"
#include "ledger/job.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace kiln::ledger {

using ports::LedgerEntry;

namespace {

void sort_newest_first(std::vector<LedgerEntry>& entries) {
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
        return a.sequence > b.sequence;
    });
}

/// Why the undo failed; nullopt when it is done.
std::optional<std::string> try_undo(
    const std::map<ports::ResourceKind, Undo>& undo, const ports::Resource& resource
) {
    const auto found = undo.find(resource.kind);
    if (found == undo.end()) {
        return fmt::format("nothing here can undo a {}", to_string(resource.kind));
    }
    try {
        found->second(resource);
    } catch (const std::exception& error) {
        return error.what();
    }
    return std::nullopt;
}

}  // namespace

Sweeper::Sweeper(
    ports::Ledger& ledger, std::filesystem::path holders, std::map<ports::ResourceKind, Undo> undo
)
    : ledger_{ledger}, holders_{std::move(holders)}, undo_{std::move(undo)} {}

std::vector<LedgerEntry> Sweeper::plan(
    std::vector<LedgerEntry> entries, const std::function<bool(const HolderId&)>& alive
) {
    std::map<HolderId, bool> known;
    std::erase_if(entries, [&](const auto& entry) {
        const auto [at, added] = known.try_emplace(entry.holder, false);
        if (added) {
            at->second = alive(entry.holder);
        }
        return at->second;
    });
    sort_newest_first(entries);
    return entries;
}

std::vector<LedgerEntry> Sweeper::dead_entries() const {
    // Who is dead is settled before the entries are read: a holder that ended well in between has
    // released what is to stay, and entries read before that would have it undone.
    std::set<HolderId> dead;
    for (const auto& holder : ledger_.holders()) {
        if (!Holder::alive(holders_, holder)) {
            dead.insert(holder);
        }
    }
    if (dead.empty()) {
        return {};
    }
    return plan(ledger_.entries(), [&](const HolderId& id) { return !dead.contains(id); });
}

SweepReport Sweeper::sweep(DryRun dry_run) {
    if (dry_run == DryRun::yes) {
        return {.undone = dead_entries(), .failed = {}};
    }
    if (dead_entries().empty() && Holder::dead(holders_).empty()) {
        return {};
    }
    const auto lock = os::FileLock::acquire(holders_ / "sweep.lock");
    // Before the entries are read: one that dies meanwhile is the next sweep's, file and all.
    const auto dead = Holder::dead(holders_);
    auto report = undo(dead_entries());
    Holder::forget(holders_, dead);
    return report;
}

void Sweeper::undo_job(const JobId& job) {
    auto entries = ledger_.entries();
    std::erase_if(entries, [&](const auto& entry) { return entry.job != job; });
    sort_newest_first(entries);
    const auto report = undo(entries);
    if (!report.failed.empty()) {
        const auto& [entry, why] = report.failed.front();
        throw Error{
            ErrorKind::internal,
            fmt::format(
                "undo {} '{}': {}", to_string(entry.resource.kind), entry.resource.name, why
            )}
            .hint("`kiln gc` tries again");
    }
}

SweepReport Sweeper::undo(const std::vector<LedgerEntry>& entries) {
    SweepReport report;
    std::map<JobId, std::vector<ports::Resource>> done;
    for (const auto& entry : entries) {
        if (auto why = try_undo(undo_, entry.resource)) {
            log_debug(
                "undo failed, its entry stays in the ledger",
                {{"kind", std::string{to_string(entry.resource.kind)}},
                 {"name", entry.resource.name},
                 {"why", *why}}
            );
            report.failed.emplace_back(entry, std::move(*why));
        } else {
            report.undone.push_back(entry);
            done[entry.job].push_back(entry.resource);
        }
    }
    // One write for each job: killed before it, the undos are done again.
    for (const auto& [job, resources] : done) {
        ledger_.release(job, resources);
    }
    return report;
}

}  // namespace kiln::ledger
