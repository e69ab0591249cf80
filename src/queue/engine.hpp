#pragma once

#include "ports/clock.hpp"
#include "ports/queue_store.hpp"
#include "queue/commands.hpp"
#include "queue/definition.hpp"
#include "queue/refusal.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::queue {

/// Called exactly once, on the engine's thread, when the answer is durable. Must not block, nor
/// throw; may call the engine. `throttled` is told before the call returns, on the caller's thread.
template <class T>
using Callback = std::function<void(Outcome<T>)>;

using DefinitionPtr = std::shared_ptr<const QueueDefinition>;

struct EngineSettings {
    std::size_t cached_bytes = 64U << 20;   ///< bodies kept in memory, of all queues
    std::size_t most_waiting = 100'000;     ///< commands not begun; more are `throttled`
    std::int64_t most_in_flight = 120'000;  ///< of a standard queue
    std::int64_t most_in_flight_fifo = 20'000;
};

/// All embedded queues of the process: one thread that decides (docs/decisions/0007).
///
/// Safe from several threads; no call blocks but the constructor and the destructor. What a caller
/// asks for one after the other happens in that order.
/// Every command refuses an unknown queue with queue_does_not_exist, and a failed store with
/// unavailable: then nothing of it has happened.
class Engine {
  public:
    /// Reads what the store remembers. `store` and the clocks outlive this.
    /// @throws Error  by the store
    Engine(
        ports::QueueStore& store,
        const ports::Clock& wall,
        const ports::SteadyClock& steady,
        EngineSettings settings = {}
    );
    Engine(Engine&&) = delete;
    ~Engine();  ///< what waits is answered first: parked receivers with nothing, others as ever

    // --- Queues. These are read from a copy: they are answered at once, from any thread.

    /// nullptr: no such queue.
    [[nodiscard]] DefinitionPtr find(std::string_view queue) const;
    /// Names with this beginning, after `after`.
    [[nodiscard]] NamePage list(
        std::string_view prefix, std::string_view after, std::size_t at_most
    ) const;
    /// Names of the queues that have `queue` for their dead letters.
    [[nodiscard]] NamePage dead_letter_sources(
        std::string_view queue, std::string_view after, std::size_t at_most
    ) const;

    /// A queue of that name whose attributes `given` are the same is success.
    /// Refused: queue_name_exists · queue_deleted_recently · invalid_parameter_value (dead letters)
    void create(QueueDefinition wanted, std::vector<Attribute> given, Callback<DefinitionPtr> done);
    /// `change` runs on the engine's thread and is pure: from the definition as it is to the new
    /// one, or a refusal. Name, kind and times are not changed by it. Parked receivers stay.
    using Change = std::function<Outcome<QueueDefinition>(const QueueDefinition&)>;
    void update(std::string queue, Change change, Callback<DefinitionPtr> done);
    /// With all its messages; parked receivers are told queue_does_not_exist.
    void destroy(std::string queue, Callback<Done> done);
    /// Refused: purge_queue_in_progress
    void purge(std::string queue, Callback<Done> done);
    void depths(std::string queue, Callback<Depths> done);

    // --- Messages.

    /// In this order. Refused one by one: invalid_parameter_value (FIFO: group, deduplication,
    /// delay). Durable all together.
    void send(std::string queue, std::vector<NewMessage> messages, Callback<SendOutcomes> done);

    /// Nothing there: waits. `done` gets an empty list after the wait, or when cancelled.
    /// Refused: over_limit (standard, without a wait: so many are in flight)
    ReceiveTicket receive(Receive receive, Callback<std::vector<Delivery>> done);
    /// Ends the waiting of a receive; done already is success.
    void cancel(ReceiveTicket ticket);

    /// One outcome for each receipt, in their order.
    /// Refused: receipt_handle_is_invalid · invalid_parameter_value (no such message, FIFO: the
    /// delivery is over) · message_not_inflight
    void change_visibility(
        std::string queue,
        std::vector<VisibilityChange> changes,
        DeliveryMatch match,
        Callback<std::vector<Outcome<Done>>> done
    );
    /// Deleted already is success. Refused: receipt_handle_is_invalid · invalid_parameter_value
    /// (FIFO: the delivery is over)
    void remove(
        std::string queue,
        std::vector<std::string> receipts,
        Callback<std::vector<Outcome<Done>>> done
    );

    // --- Message move tasks. A source that is no queue: resource_not_found.

    /// @returns (done)  the task's id
    /// Refused: resource_not_found (destination) · invalid_parameter_value (no queue has `source`
    /// for its dead letters; a task runs already)
    void start_move(
        std::string source,
        std::optional<std::string> destination,
        std::optional<std::int64_t> per_second,
        Callback<std::string> done
    );
    /// Newest first.
    void list_moves(std::string source, std::size_t at_most, Callback<std::vector<MoveTask>> done);
    /// @returns (done)  how many were moved. Refused: resource_not_found (task, or it has ended)
    void cancel_move(std::string source, std::string task, Callback<std::int64_t> done);

    /// Answers what waits with nothing, and lets later receives not wait: the process is ending.
    void release_waiting();

    /// Looks at the clocks again: for tests, whose clocks jump.
    void wake();

  private:
    class Core;
    std::unique_ptr<Core> core_;
};

}  // namespace kiln::queue
