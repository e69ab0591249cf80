#pragma once

#include "base/guarded.hpp"
#include "base/time.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

namespace kiln::flow {

/// What other threads want of the engine's thread. Outlives the engine where others still hold it:
/// then it takes nothing any more.
class Inbox {
  public:
    using Command = std::function<void()>;

    struct Mail {
        std::deque<Command> commands;
        std::optional<std::exception_ptr> settled;  ///< the commit that was under way has ended
        bool closing = false;
    };

    void post(Command command) {
        {
            auto box = box_.lock();
            if (box->ended) {
                return;
            }
            box->mail.commands.push_back(std::move(command));
            box->woken = true;
        }
        arrived_.notify_one();
    }

    void settle(std::exception_ptr failure) {
        auto box = box_.lock();
        box->mail.settled = std::move(failure);
        box->woken = true;
        arrived_.notify_one();
    }

    void close() {
        box_.lock()->mail.closing = true;
        wake();
    }

    void wake() {
        box_.lock()->woken = true;
        arrived_.notify_one();
    }

    /// What has come, at the latest after `at_most`; without it, when there is something.
    Mail take(std::optional<Duration> at_most) {
        auto box = box_.lock();
        const auto woken = [&] { return box->woken; };
        if (at_most) {
            arrived_.wait_for(box.raw(), *at_most, woken);
        } else {
            arrived_.wait(box.raw(), woken);
        }
        box->woken = false;
        Mail mail;
        mail.commands.swap(box->mail.commands);
        mail.settled = std::exchange(box->mail.settled, std::nullopt);
        mail.closing = box->mail.closing;
        return mail;
    }

    /// Drops what is there, and all that comes.
    void end() {
        std::deque<Command> dropped;  // destroyed without the lock
        auto box = box_.lock();
        box->ended = true;
        dropped.swap(box->mail.commands);
    }

  private:
    struct Box {
        Mail mail;
        bool woken = false;
        bool ended = false;
    };

    Guarded<Box> box_;
    std::condition_variable arrived_;
};

}  // namespace kiln::flow
