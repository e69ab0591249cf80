/// Measures the embedded queue in process, durable, on a store of its own.
///
///   queue_bench cycle   [--home DIR] [--callers 8] [--seconds 5] [--bytes 1024]
///   queue_bench million [--home DIR] [--callers 8] [--messages 1000000] [--bytes 1024]
///
/// Prints one JSON document.
#include "base/json.hpp"
#include "os/files.hpp"
#include "queue/engine.hpp"
#include "sqlite/queue_store.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <future>
#include <iostream>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include <unistd.h>

namespace {

using namespace kiln;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr const char* kQueue = "bench";

struct Options {
    std::string mode;
    std::filesystem::path home = std::filesystem::temp_directory_path();
    std::size_t callers = 8;
    std::size_t seconds = 5;
    std::size_t bytes = 1024;
    std::size_t messages = 1'000'000;
};

Options read_options(int count, char** words) {
    Options options;
    options.mode = count > 1 ? words[1] : "";
    for (int i = 2; i + 1 < count; i += 2) {
        const std::string_view name{words[i]};
        const std::string_view value{words[i + 1]};
        if (name == "--home") {
            options.home = value;
            continue;
        }
        auto* const target = name == "--callers"    ? &options.callers
                             : name == "--seconds"  ? &options.seconds
                             : name == "--bytes"    ? &options.bytes
                             : name == "--messages" ? &options.messages
                                                    : nullptr;
        if (target == nullptr ||
            std::from_chars(value.data(), value.data() + value.size(), *target).ec != std::errc{}) {
            throw Error{ErrorKind::invalid, fmt::format("not an option: {} {}", name, value)};
        }
    }
    return options;
}

template <class T, class Call>
T await(Call&& call) {
    auto answer = std::make_shared<std::promise<queue::Outcome<T>>>();
    auto future = answer->get_future();
    call([answer](queue::Outcome<T> outcome) { answer->set_value(std::move(outcome)); });
    auto outcome = future.get();
    if (auto* refusal = std::get_if<queue::Refusal>(&outcome)) {
        throw Error{ErrorKind::unavailable, refusal->message};
    }
    return std::move(std::get<T>(outcome));
}

void send_ten(queue::Engine& engine, const std::string& body) {
    std::vector<queue::NewMessage> messages(10);
    for (auto& message : messages) {
        message.body = body;
    }
    await<queue::SendOutcomes>([&](auto done) {
        engine.send(kQueue, std::move(messages), std::move(done));
    });
}

std::vector<queue::Delivery> receive_ten(queue::Engine& engine, std::chrono::seconds wait) {
    return await<std::vector<queue::Delivery>>([&](auto done) {
        engine.receive({.queue = kQueue, .at_most = 10, .wait = wait}, std::move(done));
    });
}

void remove_all(queue::Engine& engine, const std::vector<queue::Delivery>& deliveries) {
    std::vector<std::string> receipts;
    for (const auto& delivery : deliveries) {
        receipts.push_back(delivery.receipt);
    }
    await<std::vector<queue::Outcome<queue::Done>>>([&](auto done) {
        engine.remove(kQueue, std::move(receipts), std::move(done));
    });
}

/// Durations of calls, from several threads.
class Samples {
  public:
    void add(Clock::duration taken) {
        const std::scoped_lock lock{mutex_};
        taken_.push_back(Milliseconds{taken}.count());
    }

    json::object summary() {
        std::sort(taken_.begin(), taken_.end());
        const auto at = [&](double share) {
            return taken_.empty() ? 0.0
                                  : taken_[static_cast<std::size_t>(
                                        share * static_cast<double>(taken_.size() - 1)
                                    )];
        };
        return {{"p50_ms", at(0.5)}, {"p99_ms", at(0.99)}, {"max_ms", at(1)}};
    }

  private:
    std::mutex mutex_;
    std::vector<double> taken_;
};

template <class Call>
void timed(Samples& samples, Call&& call) {
    const auto begun = Clock::now();
    call();
    samples.add(Clock::now() - begun);
}

std::size_t resident_bytes() {
    std::ifstream file{"/proc/self/statm"};
    std::size_t pages = 0;
    std::size_t resident = 0;
    file >> pages >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// An engine on a store of its own.
struct Service {
    explicit Service(const std::filesystem::path& home) : store{home}, queues{store} {
        engine.emplace(queues, wall, steady);
        queue::QueueDefinition definition;
        definition.name = kQueue;
        definition.visibility = std::chrono::minutes{10};
        await<queue::DefinitionPtr>([&](auto done) {
            engine->create(definition, {}, std::move(done));
        });
    }

    ports::SystemClock wall;
    ports::MachineSteadyClock steady;
    sqlite::Store store;
    sqlite::SqliteQueueStore queues;
    std::optional<queue::Engine> engine;
};

template <class Work>
double run_callers(std::size_t callers, Work&& work) {
    const auto begun = Clock::now();
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < callers; ++i) {
        threads.emplace_back([&] { work(); });
    }
    threads.clear();
    return std::chrono::duration<double>(Clock::now() - begun).count();
}

json::object cycle(queue::Engine& engine, const Options& options) {
    const std::string body(options.bytes, 'x');
    Samples sends;
    Samples receives;
    Samples removes;
    std::atomic<std::size_t> done{0};
    const auto end = Clock::now() + std::chrono::seconds{options.seconds};
    const auto seconds = run_callers(options.callers, [&] {
        while (Clock::now() < end) {
            timed(sends, [&] { send_ten(engine, body); });
            std::vector<queue::Delivery> got;
            timed(receives, [&] { got = receive_ten(engine, std::chrono::seconds{0}); });
            timed(removes, [&] { remove_all(engine, got); });
            done += got.size();
        }
    });
    return {
        {"messages_per_second", static_cast<double>(done) / seconds},
        {"send", sends.summary()},
        {"receive", receives.summary()},
        {"delete", removes.summary()},
    };
}

json::object fill(queue::Engine& engine, const Options& options, std::size_t messages) {
    const std::string body(options.bytes, 'x');
    Samples sends;
    std::atomic<std::int64_t> left{static_cast<std::int64_t>(messages)};
    const auto seconds = run_callers(options.callers, [&] {
        while ((left -= 10) >= 0) {
            timed(sends, [&] { send_ten(engine, body); });
        }
    });
    return {
        {"messages_per_second", static_cast<double>(messages) / seconds},
        {"send", sends.summary()},
    };
}

json::object drain(queue::Engine& engine, const Options& options, std::size_t messages) {
    Samples receives;
    std::atomic<std::int64_t> left{static_cast<std::int64_t>(messages)};
    const auto seconds = run_callers(options.callers, [&] {
        while ((left -= 10) >= 0) {
            std::vector<queue::Delivery> got;
            timed(receives, [&] { got = receive_ten(engine, std::chrono::seconds{1}); });
            remove_all(engine, got);
        }
    });
    return {
        {"messages_per_second", static_cast<double>(messages) / seconds},
        {"receive", receives.summary()},
    };
}

json::object million(const std::filesystem::path& home, const Options& options) {
    const auto some = std::min<std::size_t>(options.messages, 50'000);
    json::object result;
    {
        Service service{home};
        result["send_empty"] = fill(*service.engine, options, some);
        result["fill"] = fill(*service.engine, options, options.messages - some);
        result["send_full"] = fill(*service.engine, options, some);
        result["receive_full"] = drain(*service.engine, options, some);
        result["resident_bytes"] = resident_bytes();
    }
    const auto begun = Clock::now();
    Service again{home};
    result["restart_ms"] = Milliseconds{Clock::now() - begun}.count();
    result["receive_after_restart"] = drain(*again.engine, options, some);
    return result;
}

/// What a process has in memory that begins with a full queue.
json::object restart(const std::filesystem::path& home) {
    const auto begun = Clock::now();
    const Service service{home};
    return {
        {"restart_ms", Milliseconds{Clock::now() - begun}.count()},
        {"resident_bytes", resident_bytes()}};
}

int run(const Options& options) {
    json::object result;
    if (options.mode == "restart") {
        result = restart(options.home);
    } else if (options.mode == "cycle") {
        const auto folder = os::TempDir::unique(options.home, "queue-bench");
        Service service{folder.path()};
        result = cycle(*service.engine, options);
        result["resident_bytes"] = resident_bytes();
    } else if (options.mode == "million") {
        const auto folder = os::TempDir::unique(options.home, "queue-bench");
        result = million(folder.path(), options);
    } else {
        throw Error{ErrorKind::invalid, "queue_bench cycle|million|restart [--home DIR] …"};
    }
    std::cout << pretty_json(result);
    return 0;
}

}  // namespace

int main(int count, char** words) {
    try {
        return run(read_options(count, words));
    } catch (const Error& error) {
        std::cerr << "queue_bench: " << error.what() << '\n';
        return exit_code(error.kind());
    }
}
