#pragma once

#include "base/guarded.hpp"
#include "sqlite/database.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <optional>
#include <thread>
#include <vector>

namespace kiln::sqlite {

/// The one writer of a process: a thread that takes all work that waits as one transaction, hence
/// one sync. There is no delay: what arrives while a batch is being synced is the next batch.
///
/// A work that throws is rolled back alone (a savepoint), gets its own exception, and the others of
/// its batch commit. When the commit itself fails, or SQLite gave up the whole transaction (disk
/// full, I/O error), every work of the batch gets that error and nothing of it stays.
/// The thread and its connection come with the first work. Safe from several threads.
class Writer {
  public:
    using Work = std::function<void(Database&)>;
    /// Called once, on the writer's thread: nullptr, the work is durable; else why it is not there.
    /// Must not throw, nor wait for this writer.
    using Done = std::function<void(std::exception_ptr failure)>;
    /// Called on the writer's thread after a commit, with the pages that the log (WAL) holds now.
    using AfterCommit = std::function<void(Database&, std::size_t log_pages)>;

    explicit Writer(std::function<Database()> open, AfterCommit after_commit = {});
    Writer(Writer&&) = delete;
    ~Writer();  ///< does what waits, then ends the thread

    /// Returns when the work is durable. Not to be called from within a work.
    /// @throws  what the work threw, or Error by the commit
    void write(Work work);

    /// The same without waiting. @throws Error exhausted: too much waits already
    [[nodiscard]] std::future<void> submit(Work work);
    /// @throws Error exhausted: too much waits already; `done` is not called then
    void submit(Work work, Done done);

    /// Transactions committed so far.
    [[nodiscard]] std::uint64_t commits() const noexcept { return commits_; }

  private:
    struct Pending {
        Work work;
        Done done;
        std::exception_ptr failure;
    };

    struct Queue {
        std::deque<Pending> pending;
        bool closing = false;
    };

    void serve();
    std::deque<Pending> take_batch();
    void run_batch(std::deque<Pending>& batch);
    static void run_one(Database& database, Pending& pending);

    std::function<Database()> open_;
    AfterCommit after_commit_;
    std::atomic<std::uint64_t> commits_{0};
    std::optional<Database> database_;  ///< of the thread
    std::size_t log_pages_ = 0;         ///< of the thread
    Guarded<Queue> queue_;
    std::condition_variable arrived_;
    std::once_flag started_;
    std::thread thread_;
};

}  // namespace kiln::sqlite
