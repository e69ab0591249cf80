#pragma once

#include "queue/body_cache.hpp"
#include "queue/committer.hpp"
#include "queue/directory.hpp"
#include "queue/engine.hpp"
#include "queue/inbox.hpp"
#include "queue/owned_queue.hpp"
#include "queue/timeline.hpp"
#include "queue/timers.hpp"
#include "queue/uuid.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <set>
#include <thread>
#include <unordered_map>

namespace kiln::queue {

/// The engine's thread and what it owns. All but what is marked is of that thread alone.
///
/// A command changes the queues at once, and notes in the gathering batch what is to be written,
/// how it is taken back, and whom to tell. Answers leave when their batch is on disk.
class Engine::Core {
  public:
    Core(
        ports::QueueStore& store,
        const ports::Clock& wall,
        const ports::SteadyClock& steady,
        EngineSettings settings
    );
    ~Core();

    // For any thread.
    Directory directory;
    Inbox inbox;
    const EngineSettings settings;
    std::atomic<std::uint64_t> last_ticket{0};

    /// `command` runs on the engine's thread. Refuses when too much waits.
    template <class T>
    void post(const Callback<T>& done, Inbox::Command command) {
        if (!inbox.post(std::move(command), settings.most_waiting)) {
            done(Refusal{RefusalCode::throttled, "too many commands wait for the queues' store"});
        }
    }

    // Commands: queues (core_queues.cpp).
    void create(
        QueueDefinition wanted, const std::vector<Attribute>& given, Callback<DefinitionPtr> done
    );
    void update(const std::string& name, const Change& change, Callback<DefinitionPtr> done);
    void destroy(const std::string& name, Callback<Done> done);
    void purge(const std::string& name, Callback<Done> done);
    void depths(const std::string& name, Callback<Depths> done);

    // Messages (core_send.cpp, core_receive.cpp, core_claims.cpp).
    void send(
        const std::string& name, std::vector<NewMessage>& messages, Callback<SendOutcomes> done
    );
    void receive(std::uint64_t ticket, Receive& receive, Callback<std::vector<Delivery>> done);
    void cancel(std::uint64_t ticket);
    void release_waiting();
    void change_visibility(
        const std::string& name,
        const std::vector<VisibilityChange>& changes,
        DeliveryMatch match,
        Callback<std::vector<Outcome<Done>>> done
    );
    void remove(
        const std::string& name,
        const std::vector<std::string>& receipts,
        Callback<std::vector<Outcome<Done>>> done
    );

    // Move tasks (core_moves.cpp).
    void start_move(
        const std::string& source,
        const std::optional<std::string>& destination,
        std::optional<std::int64_t> per_second,
        Callback<std::string> done
    );
    void list_moves(
        const std::string& source, std::size_t at_most, Callback<std::vector<MoveTask>> done
    );
    void cancel_move(
        const std::string& source, const std::string& task, Callback<std::int64_t> done
    );

  private:
    /// Void messages of a queue that are still in the store.
    struct Sweep {
        ports::QueueNumber queue = 0;
        MessageSequence first = 0, last = 0;
    };

    /// Where a receiver waits.
    struct Place {
        OwnedQueue* queue = nullptr;
        std::list<Parked>::iterator at;
    };

    /// A deleted queue whose row is kept: its name is not free, or it is not swept.
    struct Tombstone {
        std::string name;
        TimePoint free_at;
    };

    // The thread (core.cpp).
    void serve();
    void conclude(const std::exception_ptr& failure);
    void write_next();
    void read_missing(Batch& batch);
    void fire_timers();
    void run_commands();
    void close_receivers();
    [[nodiscard]] bool finished() const;
    [[nodiscard]] std::optional<Duration> patience() const;

    // What the store remembers (core_load.cpp).
    void load();
    void load_messages();

    // Work that nobody waits for, when nothing is being written (core_background.cpp).
    void run_background();
    void expire(OwnedQueue& queue);
    void sweep_some();
    void bury(ports::QueueNumber number);
    void rearm(OwnedQueue& queue);

    // Shared by the commands (core_queues.cpp).
    [[nodiscard]] OwnedQueue* find(const std::string& name);
    template <class T>
    OwnedQueue* find_or_refuse(const std::string& name, const Callback<T>& done);
    template <class T>
    void answer(const Callback<T>& done, Outcome<T> outcome);
    void note(OwnedQueue& queue, const MessageChange& change);
    void note(std::function<void()> undo);
    void touch(OwnedQueue& queue);
    void put_row(const OwnedQueue& queue);
    [[nodiscard]] MessageSequence next_sequence(OwnedQueue& queue);
    [[nodiscard]] std::optional<Refusal> check_redrive(const QueueDefinition& definition);
    [[nodiscard]] std::optional<Refusal> check_name(const std::string& name) const;
    [[nodiscard]] ports::QueueNumber free_number() const;
    OwnedQueue& adopt(std::unique_ptr<OwnedQueue> queue);
    std::unique_ptr<OwnedQueue> disown(ports::QueueNumber number);
    void empty(OwnedQueue& queue);
    void dismiss(OwnedQueue& queue);

    // Sending.
    Outcome<Sent> send_one(OwnedQueue& queue, NewMessage& message);
    void remember_duplicate(OwnedQueue& queue, std::string key, const Sent& sent);

    // Receiving.
    [[nodiscard]] TakeRule take_rule(const OwnedQueue& queue, const Receive& receive);
    [[nodiscard]] OwnedQueue* dead_letter_queue(const OwnedQueue& queue);
    [[nodiscard]] bool deliver(
        OwnedQueue& queue,
        const Receive& receive,
        const Callback<std::vector<Delivery>>& done,
        bool& limited
    );
    [[nodiscard]] bool deliver_again(
        OwnedQueue& queue, const Receive& receive, const Callback<std::vector<Delivery>>& done
    );
    void hand_over(
        OwnedQueue& queue,
        const std::vector<MessageChange>& delivered,
        const Callback<std::vector<Delivery>>& done
    );
    void put_aside(OwnedQueue& queue, Taken& taken);
    void relocate(
        OwnedQueue& from,
        OwnedQueue& to,
        const MessageChange& change,
        MessageState state,
        bool renewed
    );
    void serve_parked(OwnedQueue& queue);
    void serve_dirty();
    void unpark(std::uint64_t ticket);

    // Moving.
    void move_some(OwnedQueue& source);
    void put_move(OwnedQueue& source, const MoveTask& task);
    [[nodiscard]] OwnedQueue* destination_of(const MoveTask& task, const MessageState& state);

    ports::QueueStore& store_;
    Timeline time_;
    Committer committer_;
    BodyCache cache_;
    UuidSource uuids_;
    Timers timers_;
    std::map<ports::QueueNumber, std::unique_ptr<OwnedQueue>> queues_;
    std::unordered_map<std::string, OwnedQueue*> by_name_;
    std::map<ports::QueueNumber, Tombstone> tombstones_;
    std::unordered_map<std::uint64_t, Place> parked_;  ///< by ticket
    std::vector<ports::QueueNumber> dirty_;
    std::set<ports::QueueNumber> expiring_;  ///< queues with something that is due
    std::set<ports::QueueNumber> burying_;   ///< tombstones whose time has come
    std::deque<Sweep> sweeps_;
    TimePoint patience_until_;  ///< after a failure, background work rests
    std::deque<Inbox::Command> backlog_;
    bool closing_ = false;
    bool waiting_over_ = false;  ///< receives do not wait any more
    std::thread thread_;         ///< last: it uses all the others
};

template <class T>
void Engine::Core::answer(const Callback<T>& done, Outcome<T> outcome) {
    committer_.batch().answers.push_back([done, outcome = std::move(outcome)](const Refusal* failure
                                         ) mutable {
        done(failure != nullptr ? Outcome<T>{*failure} : std::move(outcome));
    });
}

template <class T>
OwnedQueue* Engine::Core::find_or_refuse(const std::string& name, const Callback<T>& done) {
    auto* const queue = find(name);
    if (queue == nullptr) {
        answer<T>(
            done, Refusal{RefusalCode::queue_does_not_exist, "The specified queue does not exist."}
        );
    }
    return queue;
}

}  // namespace kiln::queue
