#pragma once

#include "base/guarded.hpp"
#include "sqlite/database.hpp"

#include <condition_variable>
#include <filesystem>
#include <thread>

namespace kiln::sqlite {

/// Copies the log (WAL) into the database on a connection and thread of its own, so that writers go
/// on meanwhile. The thread comes with the first request. Best effort: a failure is logged at debug
/// and the next request tries again; nothing is lost, the log is only longer.
class Checkpointer {
  public:
    explicit Checkpointer(std::filesystem::path file) : file_{std::move(file)} {}

    Checkpointer(Checkpointer&&) = delete;
    ~Checkpointer();  ///< waits for a checkpoint that runs

    /// Asks for one; returns at once. From one thread.
    void request();

  private:
    struct Wish {
        bool wanted = false;
        bool closing = false;
    };

    void serve();

    std::filesystem::path file_;
    Guarded<Wish> wish_;
    std::condition_variable changed_;
    std::thread thread_;
};

/// Copies what can be copied without waiting for anyone. @throws Error by SQLite's code
void checkpoint(Database& database);

}  // namespace kiln::sqlite
