#pragma once

#include "base/time.hpp"
#include "os/files.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace kiln::cli {

/// Where the server of a home folder is: KILN_HOME/run/server.json.
struct ServerNote {
    std::string url;  ///< "http://127.0.0.1:9324"
    int pid = 0;
    TimePoint started;

    bool operator==(const ServerNote&) const = default;
};

/// This process as the one server of a home folder: a lock on run/server.lock that ends with the
/// process, however it ends. A note that is found while nobody holds the lock is a dead server's.
class ServerSeat {
  public:
    /// @throws Error  conflict: another process serves this home, named by pid and URL
    explicit ServerSeat(const std::filesystem::path& home);
    ServerSeat(ServerSeat&&) = delete;
    ~ServerSeat();  ///< takes the note away

    /// Tells the other commands of this host where the server is.
    void announce(const ServerNote& note);

  private:
    std::filesystem::path home_;
    os::FileLock lock_;
};

/// The note of the server that runs for this home; nullopt when none does, or it has not announced
/// itself yet. @throws Error  corrupt: the note of a running server cannot be read
[[nodiscard]] std::optional<ServerNote> find_server(const std::filesystem::path& home);

}  // namespace kiln::cli
