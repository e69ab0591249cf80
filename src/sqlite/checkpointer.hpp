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

/// Keeps the log (WAL) short: copies it into the database on a connection and thread of its own, so
/// that writers go on meanwhile, then has the writer copy the few pages that came in between, which
/// lets the next commit start the log over. At the end it starts a long log over itself: SQLite
/// forgets what was copied when the last process ends, and a log that only one-commit processes
/// write to would grow for ever.
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
    std::size_t log_pages_ = 0;  ///< of the writer's thread
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
