#pragma once

#include "base/guarded.hpp"
#include "sqlite/database.hpp"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <thread>

namespace kiln::sqlite {

/// Pages of the log (4 KiB each) at which it is copied into the database. The first process after
/// all others have ended reads the log once, at about 1 GB/s: 512 pages are 2 ms.
constexpr std::size_t kCheckpointPages = 512;

/// While so much is written that the log grows faster than it is copied, it may be longer: a copy
/// has two syncs, whatever it copies. What a process that is killed leaves is 32 ms of reading.
constexpr std::size_t kMostCheckpointPages = 16 * kCheckpointPages;

/// The length at which the log is copied next, when it was `length` this time and grew by `grown`
/// while it was copied. Pure.
[[nodiscard]] std::size_t next_log_length(std::size_t length, std::size_t grown);

/// Keeps the log (WAL) short: copies it into the database on a connection and thread of its own, so
/// that writers go on meanwhile, again as long as much came in between, then has the writer copy
/// the few pages that are left, which lets the next commit start the log over. At the end it starts
/// a long log over itself: SQLite forgets what was copied when the last process ends, and a log
/// that only one-commit processes write to would grow for ever.
///
/// Best effort: a failure is logged at debug and tried again; nothing is lost, the log is longer.
class Checkpointer {
  public:
    explicit Checkpointer(std::filesystem::path file) : file_{std::move(file)} {}

    Checkpointer(Checkpointer&&) = delete;
    ~Checkpointer();

    /// After a commit, on the writer's thread.
    /// @param log_pages  how many the log holds now
    void tend(Database& writer, std::size_t log_pages);

  private:
    enum class Stage {
        idle,     ///< nothing to do, or not known yet
        copying,  ///< the thread has been asked
        copied,   ///< all that the log held then is in the database
    };

    struct Wish {
        bool wanted = false;
        bool closing = false;
    };

    void request();
    void serve();

    std::filesystem::path file_;
    // Of the writer's thread:
    std::size_t log_pages_ = 0;
    std::size_t length_ = kCheckpointPages;  ///< at which the log is copied
    std::size_t asked_at_ = 0;               ///< its pages when the thread was asked last
    std::size_t grown_ = 0;                  ///< pages that came in during the first pass
    int passes_ = 0;

    std::atomic<Stage> stage_{Stage::idle};
    Guarded<Wish> wish_;
    std::condition_variable changed_;
    std::thread thread_;
};

enum class Copied { partly, whole };

/// Copies what can be copied without waiting for anyone. @throws Error by SQLite's code
Copied checkpoint(Database& database);

/// Copies the whole log and starts it over with one small commit, so that whoever opens the store
/// next has little to read. The file keeps its size: writing over it syncs faster than growing it.
/// @returns  partly: somebody reads or writes, the log stays
Copied restart_log(Database& database);

/// Writes zeros to the log of a new database, as far as it will be used: a commit that grows the
/// file syncs its size too (medians on a busy disk with ext4: 4 ms over old bytes, 5 to 8 ms at the
/// end of the file).
void reserve_log(Database& database, const std::filesystem::path& file);

}  // namespace kiln::sqlite
