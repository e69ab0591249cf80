#pragma once

#include "queue/batch.hpp"
#include "queue/inbox.hpp"

#include <optional>

namespace kiln::queue {

/// Writes batch after batch, one at a time, while the next one gathers. Of the engine's thread.
class Committer {
  public:
    /// `inbox` hears of each commit's end. Both outlive this.
    Committer(ports::QueueStore& store, Inbox& inbox) : store_{store}, inbox_{inbox} {}

    /// The one that gathers.
    [[nodiscard]] Batch& batch() noexcept { return gathering_; }

    [[nodiscard]] bool batch_full() const noexcept { return gathering_.full(); }

    [[nodiscard]] bool writing() const noexcept { return writing_.has_value(); }

    [[nodiscard]] bool idle() const noexcept {
        return !writing_ && gathering_.changes.empty() && gathering_.answers.empty();
    }

    /// Hands the gathered batch to the store, when nothing is being written. One that changes
    /// nothing is answered at once.
    void submit();

    /// What became of the one that was being written. Failed: that and all that was gathered on top
    /// of it is taken back, and its callers are told.
    /// @returns  the batch that is durable, for answer()
    [[nodiscard]] std::optional<Batch> settle(const std::exception_ptr& failure);

    static void answer(Batch& batch, const Refusal* failure);

  private:
    ports::QueueStore& store_;
    Inbox& inbox_;
    Batch gathering_;
    std::optional<Batch> writing_;
};

}  // namespace kiln::queue
