#pragma once

#include "base/guarded.hpp"
#include "redis/connection.hpp"
#include "redis/script.hpp"

#include <chrono>
#include <memory>
#include <stop_token>
#include <vector>

namespace kiln::redis {

struct ClientLimits {
    std::chrono::milliseconds connect{5'000};
    std::chrono::milliseconds answer{10'000};
    std::size_t idle = 16;  ///< connections that are kept
};

/// Whether what broke half-way may simply be asked again: it does the same when done twice.
enum class Again { no, yes };

/// Asks one server, over as many connections as are in use at a time. A connection that broke is
/// replaced by the next call. Safe from several threads.
class Client {
  public:
    explicit Client(Location location, ClientLimits limits = {});

    /// @throws Error  unavailable · timed_out · denied · exhausted: its memory is full · as
    /// to_error
    Reply call(const Words& words, Again again = Again::yes);
    Reply run(const Script& script, Words arguments, Again again = Again::no);

    /// Waits until that list has an item, which it leaves there. False: after `span`, or when stop
    /// is requested.
    bool wait_for_item(
        const std::string& list, std::chrono::milliseconds span, const std::stop_token& stop
    );

    /// Whether what the server answers is on its disk: `appendonly yes`, `appendfsync always`.
    /// false, too, of one that does not tell its settings. See README.md.
    [[nodiscard]] bool is_durable();

    [[nodiscard]] const Location& location() const noexcept { return location_; }

  private:
    using Connections = std::vector<std::unique_ptr<Connection>>;

    [[nodiscard]] std::unique_ptr<Connection> borrow();
    void give_back(std::unique_ptr<Connection> connection);
    template <class Ask>
    Reply ask(Ask&& ask_it, Again again);

    Location location_;
    ClientLimits limits_;
    Guarded<Connections> idle_;
};

}  // namespace kiln::redis
