#include "queue/embedded_queue.hpp"

#include "ports/queue_rules.hpp"
#include "queue/message_rules.hpp"
#include "queue/port_rules.hpp"

#include <algorithm>
#include <future>

#include <fmt/format.h>

namespace kiln::queue {

namespace {

/// Makes a call and waits for its answer. @throws Error by the refusal
template <class T, class Call>
T await(const std::string& queue, Call&& call) {
    // Shared: the waiter may be gone before set_value() has returned.
    auto promise = std::make_shared<std::promise<Outcome<T>>>();
    auto answer = promise->get_future();
    call(Callback<T>{[promise](Outcome<T> outcome) { promise->set_value(std::move(outcome)); }});
    auto outcome = answer.get();
    if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
        throw to_error(*refusal, queue, About::queue);
    }
    return std::move(std::get<T>(outcome));
}

using Claims = std::vector<Outcome<Done>>;

void expect_held(const Claims& claims, const std::string& queue) {
    if (const auto* refusal = std::get_if<Refusal>(&claims.at(0))) {
        throw to_error(*refusal, queue, About::receipt);
    }
}

/// What a queue of this name has to have the same to be the same.
const std::vector<Attribute>& compared() {
    static const std::vector<Attribute> attributes{
        Attribute::visibility_timeout,
        Attribute::delay_seconds,
        Attribute::message_retention_period,
        Attribute::redrive_policy,
        Attribute::content_based_deduplication,
    };
    return attributes;
}

constexpr std::size_t kPage = 1'000;

}  // namespace

std::vector<ports::SentMessage> EmbeddedQueue::send(
    const std::string& queue, const std::vector<ports::OutgoingMessage>& messages
) {
    // Those before one that is refused are sent, and none after it.
    const auto definition = engine_.find(queue);
    std::vector<NewMessage> wanted;
    std::optional<Refusal> stopped;
    for (auto message = messages.begin(); message != messages.end(); ++message) {
        auto next = to_message(*message);
        if (definition) {
            stopped = refuse_message(*definition, next);
            stopped = stopped ? stopped : check_message(*definition, next);
        }
        if (stopped) {
            break;
        }
        wanted.push_back(std::move(next));
    }
    const auto before = wanted.size();
    const auto outcomes = await<SendOutcomes>(queue, [&](auto done) {
        engine_.send(queue, std::move(wanted), std::move(done));
    });
    std::vector<ports::SentMessage> sent;
    for (const auto& outcome : outcomes) {
        if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
            throw to_error(*refusal, queue, About::queue);
        }
        const auto& [id, sequence] = std::get<Sent>(outcome);
        sent.push_back({id, sequence ? fmt::format("{:020}", *sequence) : ""});
    }
    if (stopped) {
        throw to_error(*stopped, queue, About::queue)
            .while_(fmt::format("send message {} of {}", before + 1, messages.size()));
    }
    return sent;
}

std::vector<ports::ReceivedMessage> EmbeddedQueue::receive(
    const std::string& queue, const ports::ReceiveSpec& spec, const std::stop_token& stop
) {
    ports::check(spec);
    // Made when the receive is under way, gone when it is answered.
    std::optional<std::stop_callback<std::function<void()>>> stopping;
    const auto deliveries = await<std::vector<Delivery>>(queue, [&](auto done) {
        const auto ticket = engine_.receive(
            {.queue = queue,
             .at_most = spec.at_most,
             .wait = stop.stop_requested() ? std::chrono::seconds{0} : spec.wait,
             .visibility = spec.visibility},
            done
        );
        stopping.emplace(stop, [this, ticket] { engine_.cancel(ticket); });
    });
    std::vector<ports::ReceivedMessage> received;
    for (const auto& delivery : deliveries) {
        received.push_back(to_received(delivery));
    }
    return received;
}

void EmbeddedQueue::extend(
    const std::string& queue, const std::string& receipt, std::chrono::seconds visibility
) {
    ports::check(ports::ReceiveSpec{.visibility = visibility});
    const auto claims = await<Claims>(queue, [&](auto done) {
        engine_.change_visibility(
            queue, {{receipt, visibility}}, DeliveryMatch::newest, std::move(done)
        );
    });
    expect_held(claims, queue);
}

void EmbeddedQueue::remove(const std::string& queue, const std::string& receipt) {
    const auto claims =
        await<Claims>(queue, [&](auto done) { engine_.remove(queue, {receipt}, std::move(done)); });
    expect_held(claims, queue);
}

void EmbeddedQueue::create(const ports::QueueSpec& spec) {
    ports::check(spec);
    await<DefinitionPtr>(spec.name, [&](auto done) {
        engine_.create(to_definition(spec), compared(), std::move(done));
    });
}

void EmbeddedQueue::destroy(const std::string& queue) {
    try {
        await<Done>(queue, [&](auto done) { engine_.destroy(queue, std::move(done)); });
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found) {
            throw;
        }
    }
}

std::vector<std::string> EmbeddedQueue::list(const std::string& prefix) {
    std::vector<std::string> names;
    std::optional<std::string> after{std::string{}};
    while (after) {
        auto page = engine_.list(prefix, *after, kPage);
        std::move(page.names.begin(), page.names.end(), std::back_inserter(names));
        after = std::move(page.more);
    }
    return names;
}

ports::QueueDepth EmbeddedQueue::depth(const std::string& queue) {
    const auto depths =
        await<Depths>(queue, [&](auto done) { engine_.depths(queue, std::move(done)); });
    ports::QueueDepth depth{depths.visible, depths.in_flight, depths.delayed, std::nullopt};
    if (depths.oldest) {
        depth.oldest_age = std::max(clock_.now() - *depths.oldest, Duration{0});
    }
    return depth;
}

std::vector<ports::QueueUse> EmbeddedQueue::census() {
    std::vector<ports::QueueUse> found;
    for (auto& name : list("")) {
        const auto definition = engine_.find(name);
        if (definition == nullptr) {
            continue;
        }
        try {
            const auto depths =
                await<Depths>(name, [&](auto done) { engine_.depths(name, std::move(done)); });
            found.push_back(
                {std::move(name),
                 definition->created,
                 std::max(definition->created, depths.last_used),
                 depths.visible + depths.in_flight + depths.delayed,
                 definition->tags}
            );
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::not_found) {
                throw;
            }
        }
    }
    return found;
}

void EmbeddedQueue::purge(const std::string& queue) {
    await<Done>(queue, [&](auto done) { engine_.purge(queue, std::move(done)); });
}

void EmbeddedQueue::redrive(const std::string& queue) {
    await<std::string>(queue, [&](auto done) {
        engine_.start_move(queue, std::nullopt, std::nullopt, std::move(done));
    });
}

}  // namespace kiln::queue
