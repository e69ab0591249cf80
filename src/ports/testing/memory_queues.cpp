#include "ports/testing/memory_queues.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::ports::testing {

void MemoryQueues::may_fail(const std::string& call, const std::string& queue) {
    std::function<void(const std::string&, const std::string&)> fault;
    {
        const std::lock_guard lock{mutex_};
        fault = fault_;
    }
    if (fault) {
        fault(call, queue);
    }
}

void MemoryQueues::fail_with(std::function<void(const std::string&, const std::string&)> fault) {
    const std::lock_guard lock{mutex_};
    fault_ = std::move(fault);
}

MemoryQueues::Queue& MemoryQueues::find(const std::string& queue) {
    const auto found = queues_.find(queue);
    if (found == queues_.end()) {
        throw Error{ErrorKind::not_found, "no queue " + queue};
    }
    return found->second;
}

MemoryQueues::Held& MemoryQueues::find_delivery(Queue& queue, const std::string& receipt) {
    const auto number = receipt.substr(0, receipt.find('#'));
    const auto held = std::find_if(queue.messages.begin(), queue.messages.end(), [&](auto& one) {
        return one.id == number;
    });
    if (held == queue.messages.end()) {
        throw Error{ErrorKind::not_found, "no such delivery"};
    }
    if (held->receipt != receipt || held->visible <= clock_.now()) {
        throw Error{ErrorKind::conflict, "the delivery is over"};
    }
    return *held;
}

std::vector<SentMessage> MemoryQueues::send(
    const std::string& queue, const std::vector<OutgoingMessage>& messages
) {
    may_fail("send", queue);
    std::vector<SentMessage> sent;
    {
        const std::lock_guard lock{mutex_};
        auto& into = find(queue);
        for (const auto& message : messages) {
            const auto id = fmt::format("message-{}", ++last_number_);
            const auto now = clock_.now();
            into.messages.push_back(
                {id, message, now, now + message.delay.value_or(into.spec.delay), 0, ""}
            );
            sent.push_back({id, ""});
        }
    }
    changed_.notify_all();
    return sent;
}

std::vector<ReceivedMessage> MemoryQueues::take(const std::string& queue, const ReceiveSpec& spec) {
    auto& from = find(queue);
    std::vector<ReceivedMessage> taken;
    const auto now = clock_.now();
    for (auto held = from.messages.begin();
         held != from.messages.end() && std::ssize(taken) < spec.at_most;) {
        if (held->visible > now) {
            ++held;
            continue;
        }
        const auto& dead = from.spec.dead_letters;
        if (dead && held->receives >= dead->receives) {
            held->receives = 0;
            find(dead->queue).messages.push_back(std::move(*held));
            held = from.messages.erase(held);
            continue;
        }
        held->receipt = fmt::format("{}#{}", held->id, ++held->receives);
        held->visible = now + spec.visibility.value_or(from.spec.visibility);
        const auto& message = held->message;
        taken.push_back(
            {held->id,
             held->receipt,
             message.body,
             message.attributes,
             message.group,
             held->receives,
             held->sent}
        );
        ++held;
    }
    return taken;
}

std::vector<ReceivedMessage> MemoryQueues::receive(
    const std::string& queue, const ReceiveSpec& spec, const std::stop_token& stop
) {
    may_fail("receive", queue);
    std::unique_lock lock{mutex_};
    for (;;) {
        auto taken = take(queue, spec);
        if (!taken.empty() || spec.wait.count() == 0 || stop.stop_requested()) {
            return taken;
        }
        // A long poll without an end of its own: the clock is cranked by hand.
        bool again = false;
        changed_.wait(lock, stop, [&] { return std::exchange(again, true); });
    }
}

void MemoryQueues::look_again() {
    const std::lock_guard lock{mutex_};
    changed_.notify_all();
}

void MemoryQueues::extend(
    const std::string& queue, const std::string& receipt, std::chrono::seconds visibility
) {
    may_fail("extend", queue);
    {
        const std::lock_guard lock{mutex_};
        find_delivery(find(queue), receipt).visible = clock_.now() + visibility;
    }
    changed_.notify_all();
}

void MemoryQueues::remove(const std::string& queue, const std::string& receipt) {
    may_fail("remove", queue);
    const std::lock_guard lock{mutex_};
    const auto number = receipt.substr(0, receipt.find('#'));
    std::erase_if(find(queue).messages, [&](const Held& held) { return held.id == number; });
}

void MemoryQueues::create(const QueueSpec& spec) {
    const std::lock_guard lock{mutex_};
    queues_.try_emplace(spec.name, Queue{spec, {}});
}

void MemoryQueues::destroy(const std::string& queue) {
    const std::lock_guard lock{mutex_};
    queues_.erase(queue);
}

std::vector<std::string> MemoryQueues::list(const std::string& prefix) {
    const std::lock_guard lock{mutex_};
    std::vector<std::string> names;
    for (const auto& [name, queue] : queues_) {
        if (name.starts_with(prefix)) {
            names.push_back(name);
        }
    }
    return names;
}

QueueDepth MemoryQueues::depth(const std::string& queue) {
    const std::lock_guard lock{mutex_};
    QueueDepth depth;
    for (const auto& held : find(queue).messages) {
        ++(held.visible <= clock_.now() ? depth.visible
           : held.receives == 0         ? depth.delayed
                                        : depth.in_flight);
    }
    return depth;
}

void MemoryQueues::purge(const std::string& queue) {
    const std::lock_guard lock{mutex_};
    find(queue).messages.clear();
}

void MemoryQueues::redrive(const std::string& queue) {
    {
        const std::lock_guard lock{mutex_};
        auto& from = find(queue);
        for (auto& [name, other] : queues_) {
            if (other.spec.dead_letters && other.spec.dead_letters->queue == queue) {
                std::move(
                    from.messages.begin(), from.messages.end(), std::back_inserter(other.messages)
                );
                from.messages.clear();
            }
        }
    }
    changed_.notify_all();
}

std::vector<OutgoingMessage> MemoryQueues::sent(const std::string& queue) {
    const std::lock_guard lock{mutex_};
    std::vector<OutgoingMessage> all;
    for (const auto& held : find(queue).messages) {
        all.push_back(held.message);
    }
    return all;
}

std::optional<Duration> MemoryQueues::hidden_for(const std::string& queue, std::size_t index) {
    const std::lock_guard lock{mutex_};
    const auto& held = find(queue).messages.at(index);
    const auto now = clock_.now();
    return held.visible > now ? std::optional{held.visible - now} : std::nullopt;
}

}  // namespace kiln::ports::testing
