#pragma once

#include "base/guarded.hpp"
#include "machines/book.hpp"
#include "ports/machine_store.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>

namespace kiln::machines {

/// What a command has decided.
struct Step {
    ports::MachineChanges changes;      ///< empty: nothing to write
    std::function<void(Book&)> settle;  ///< makes the book what the store is then
    std::function<void(bool stored)> tell;
};

/// Commands one after the other: the next one is decided when the changes of the one before are
/// durable, so each sees only what is. Safe from several threads.
class Sequence : public std::enable_shared_from_this<Sequence> {
  public:
    /// Pure, but for what it captured; called with the book locked.
    using Command = std::function<Step(const Book&)>;

    Sequence(ports::MachineStore& store, Book book);

    void add(Command command);
    /// Waits until all that was added is told.
    void finish();

    /// `read(const Book&)`, with the book locked.
    template <class Read>
    auto read(Read read) {
        auto state = state_.lock();
        const Book& book = state->book;
        return read(book);
    }

  private:
    struct State {
        Book book;
        std::deque<Command> waiting;
        bool writing = false;  ///< the store has changes of ours
        bool running = false;  ///< some thread is in run()
        std::size_t untold = 0;
    };

    void run();
    void written(const Step& step, const std::exception_ptr& failure);
    void tell(const Step& step, bool stored);

    ports::MachineStore& store_;
    Guarded<State> state_;
    std::condition_variable idle_;
};

}  // namespace kiln::machines
