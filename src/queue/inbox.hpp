#pragma once

#include "base/guarded.hpp"
#include "base/time.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

namespace kiln::queue {

/// What other threads want of the engine's thread.
class Inbox {
  public:
    using Command = std::function<void()>;

    struct Mail {
        std::deque<Command> commands;
        std::optional<std::exception_ptr> settled;  ///< the commit that was under way has ended
        bool closing = false;
    };

    /// @returns  false: `most` wait already, the command was not taken
    bool post(Command command, std::size_t most) {
        {
            auto box = box_.lock();
            if (box->mail.commands.size() >= most) {
                return false;
            }
            box->mail.commands.push_back(std::move(command));
            box->woken = true;
        }
        arrived_.notify_one();
        return true;
    }

    void settle(std::exception_ptr failure) {
        auto box = box_.lock();
        box->mail.settled = std::move(failure);
        box->woken = true;
        // Under the lock: this may be what the engine's end waits for, and the inbox ends with it.
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

  private:
    struct Box {
        Mail mail;
        bool woken = false;
    };

    Guarded<Box> box_;
    std::condition_variable arrived_;
};

}  // namespace kiln::queue
