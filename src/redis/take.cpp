#include "redis/take.hpp"

#include "base/deadline.hpp"
#include "base/hex.hpp"
#include "base/random.hpp"
#include "ports/queue_rules.hpp"

#include <fmt/format.h>

namespace kiln::redis {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLookAgain{1'000};
constexpr std::size_t kNonceBytes = 6;

/// The list that has an item while the queue has one for somebody.
std::string bell_of(const std::string& queue) {
    return ports::is_fifo(queue) ? fmt::format("kiln:q:{}:bell", queue) : "queue:" + queue;
}

}  // namespace

void expect_known(const Reply& reply, const std::string& queue) {
    if (reply.at(0).text == "unknown") {
        throw Error{ErrorKind::not_found, fmt::format("no queue '{}' in Redis", queue)};
    }
}

Look look(Client& client, const TakeSpec& spec) {
    const auto reply = client.run(
        scripts::take(),
        {spec.queue,
         std::to_string(spec.at_most),
         std::to_string(spec.lease.count()),
         to_hex(random_bytes<kNonceBytes>()),
         spec.messages ? "messages" : "jobs"},
        Again::yes  // what an answer that got lost had taken comes back with its lease
    );
    expect_known(reply, spec.queue);
    Look found;
    if (const auto due = reply.at(1).number(); due >= 0) {
        found.due = milliseconds{due};
    }
    for (std::size_t i = 2; i + 1 < reply.items.size(); i += 2) {
        found.taken.push_back({reply.items[i].text, reply.items[i + 1].text});
    }
    return found;
}

std::vector<Taken> take(
    Client& client, const TakeSpec& spec, std::chrono::seconds wait, const std::stop_token& stop
) {
    const auto deadline = Deadline::after(wait);
    for (;;) {
        auto found = look(client, spec);
        if (!found.taken.empty() || stop.stop_requested() || deadline.passed()) {
            return std::move(found.taken);
        }
        const milliseconds left{deadline.poll_timeout()};
        const auto span =
            std::max(milliseconds{1}, std::min({left, kLookAgain, found.due.value_or(left)}));
        static_cast<void>(client.wait_for_item(bell_of(spec.queue), span, stop));
        if (stop.stop_requested()) {
            return {};
        }
    }
}

}  // namespace kiln::redis
