#pragma once

#include "ports/ledger.hpp"

#include <functional>
#include <utility>

namespace kiln::ports::testing {

/// A ledger that tells a test of each resource just before it is written down.
class WatchedLedger final : public Ledger {
  public:
    using Watch = std::function<void(const JobId&, const Resource&)>;

    /// `ledger` outlives this.
    explicit WatchedLedger(Ledger& ledger) : ledger_{ledger} {}

    /// For one thread: not to be set while others intend.
    void watch(Watch watch) { watch_ = std::move(watch); }

    void intend(const JobId& job, const std::vector<Resource>& resources) override {
        if (watch_) {
            for (const auto& resource : resources) {
                watch_(job, resource);
            }
        }
        ledger_.intend(job, resources);
    }

    void release(const JobId& job, const std::vector<Resource>& resources) override {
        ledger_.release(job, resources);
    }

    void release_all(const JobId& job) override { ledger_.release_all(job); }

    [[nodiscard]] std::vector<LedgerEntry> entries() override { return ledger_.entries(); }

    [[nodiscard]] std::vector<HolderId> holders() override { return ledger_.holders(); }

  private:
    Ledger& ledger_;
    Watch watch_;
};

}  // namespace kiln::ports::testing
