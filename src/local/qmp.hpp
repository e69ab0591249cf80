#pragma once

#include "base/deadline.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "os/fd.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::local {

/// What qemu's words for a failure mean for the caller. Pure.
[[nodiscard]] ErrorKind qmp_error_kind(std::string_view description) noexcept;

/// A monitor of a qemu program: one command at a time, JSON lines over a socket.
///
/// Nothing is read before the first command: the program may still be starting. For one thread at a
/// time. Source: QEMU docs/interop/qmp-spec.txt
class Qmp {
  public:
    explicit Qmp(os::Fd socket) : socket_{std::move(socket)} {}

    /// Runs a command and returns its answer.
    /// @throws Error  unavailable: the other end is gone · timed_out · else qmp_error_kind()
    json::value execute(std::string_view command, const json::object& arguments, Deadline deadline);

    /// Waits until an event of that name has come; one that came before counts once.
    json::object wait_event(std::string_view name, Deadline deadline);

    /// Takes in what has arrived, without waiting.
    void poll();

    /// Events that nobody has waited for, oldest first.
    [[nodiscard]] const std::vector<json::object>& events() const noexcept { return events_; }

  private:
    void greet(Deadline deadline);
    void send(const json::object& message, Deadline deadline);
    json::object receive(Deadline deadline);
    json::value answer(std::string_view command, Deadline deadline);
    bool read_more();
    std::optional<json::object> next_message();

    os::Fd socket_;
    bool greeted_ = false;
    std::int64_t last_id_ = 0;  ///< of the command sent last
    std::string pending_;
    std::vector<json::object> events_;
};

}  // namespace kiln::local
