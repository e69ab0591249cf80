#pragma once

#include "redis/reply.hpp"
#include "redis/stream.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>

struct redisReader;

namespace kiln::redis {

using Words = std::vector<std::string>;

/// One connection that speaks Redis' protocol; the format is hiredis'. Used by one thread.
class Connection {
  public:
    /// Connects, and says who asks and for which database.
    /// @throws Error  unavailable · timed_out · denied · invalid: no such database, or a server
    ///                older than 6.2
    Connection(const Location& location, Deadline deadline);

    /// A command and its answer, which may be an error.
    /// @throws Error  unavailable: the connection broke · timed_out
    [[nodiscard]] Reply call(const Words& words, Deadline deadline);

    /// The same; nothing when the bell rang before the answer. The connection is of no use then.
    [[nodiscard]] std::optional<Reply> call(
        const Words& words, Deadline deadline, const Bell& bell
    );

    [[nodiscard]] bool is_stale() const noexcept { return stream_.is_stale(); }

    /// The server's: 7 of 7.0.15.
    [[nodiscard]] std::int64_t major_version() const noexcept { return major_; }

  private:
    [[nodiscard]] std::optional<Reply> read(Deadline deadline, const Bell* bell);
    [[nodiscard]] Reply must_read(Deadline deadline);
    void introduce(const Location& location, Deadline deadline);

    struct Free {
        void operator()(redisReader* reader) const;
    };

    std::string server_;
    Stream stream_;
    std::unique_ptr<redisReader, Free> reader_;
    std::int64_t major_ = 0;
};

}  // namespace kiln::redis
