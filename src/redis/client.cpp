#include "redis/client.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

namespace kiln::redis {

namespace {

constexpr std::chrono::milliseconds kPauseWhenFull{1'000};

}  // namespace

Client::Client(Location location, ClientLimits limits)
    : location_{std::move(location)}, limits_{limits} {}

std::unique_ptr<Connection> Client::borrow() {
    auto idle = idle_.lock();
    while (!idle->empty()) {
        auto connection = std::move(idle->back());
        idle->pop_back();
        if (!connection->is_stale()) {
            return connection;
        }
        idle->clear();  // a server that closed one has closed the others as well
    }
    return nullptr;
}

void Client::give_back(std::unique_ptr<Connection> connection) {
    auto idle = idle_.lock();
    if (idle->size() < limits_.idle) {
        idle->push_back(std::move(connection));
    }
}

template <class Ask>
Reply Client::ask(Ask&& ask_it, Again again) {
    for (int attempt = 0;; ++attempt) {
        auto connection = borrow();
        if (!connection) {
            connection = std::make_unique<Connection>(location_, Deadline::after(limits_.connect));
        }
        try {
            auto reply = ask_it(*connection);
            give_back(std::move(connection));
            if (reply.kind == Reply::Kind::error) {
                throw to_error(reply.text, location_.shown());
            }
            return reply;
        } catch (const Error& error) {
            // `connection` is still here when it broke, and goes with this block.
            if (!connection || again == Again::no || attempt > 0 ||
                error.kind() != ErrorKind::unavailable) {
                throw;
            }
        }
    }
}

Reply Client::call(const Words& words, Again again) {
    return ask(
        [&](Connection& connection) {
            return connection.call(words, Deadline::after(limits_.answer));
        },
        again
    );
}

Reply Client::run(const Script& script, Words arguments, Again again) {
    return ask(
        [&](Connection& connection) {
            const auto& form = script.form(connection.major_version());
            Words words{"EVALSHA", form.sha1, "0"};
            words.insert(words.end(), arguments.begin(), arguments.end());
            const auto deadline = Deadline::after(limits_.answer);
            auto reply = connection.call(words, deadline);
            if (reply.kind == Reply::Kind::error && reply.text.starts_with("NOSCRIPT")) {
                words[0] = "EVAL";
                words[1] = form.text;
                reply = connection.call(words, deadline);
            }
            return reply;
        },
        again
    );
}

bool Client::wait_for_item(
    const std::string& list, std::chrono::milliseconds span, const std::stop_token& stop
) {
    Bell bell;
    const std::stop_callback on_stop{stop, [&] { bell.ring(); }};
    // The last item is moved from the end of the list to its end: it stays, and whoever waits too
    // is woken as well. The time-out is the server's; ours is for a server that has stopped.
    const Words words{
        "BLMOVE",
        list,
        list,
        "RIGHT",
        "RIGHT",
        fmt::format(
            "{:.3f}", static_cast<double>(std::max<std::int64_t>(span.count(), 1)) / 1'000
        )};
    try {
        const auto reply = ask(
            [&](Connection& connection) {
                auto answer = connection.call(words, Deadline::after(span + limits_.answer), bell);
                if (!answer) {
                    // Its answer would be the next one's: the connection goes. Nothing is lost.
                    throw Error{ErrorKind::cancelled, "stopped"};
                }
                return *std::move(answer);
            },
            Again::yes
        );
        return !reply.is_nil();
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::exhausted) {
            // A full server does not let anybody wait; taking helps it, so that is tried.
            bell.wait(Deadline::after(std::min(span, kPauseWhenFull)));
            return true;
        }
        if (error.kind() != ErrorKind::cancelled) {
            throw;
        }
        return false;
    }
}

bool Client::is_durable() {
    try {
        const auto settings = call({"CONFIG", "GET", "append*"}, Again::yes);
        const auto is = [&](std::string_view name, std::string_view value) {
            for (std::size_t i = 0; i + 1 < settings.items.size(); i += 2) {
                if (settings.items[i].text == name) {
                    return settings.items[i + 1].text == value;
                }
            }
            return false;
        };
        return is("appendonly", "yes") && is("appendfsync", "always");
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::denied) {
            return false;  // a server that does not tell its settings
        }
        throw;
    }
}

}  // namespace kiln::redis
