// Jobs through Redis in one process, senders and workers at the same time: what Sidekiq is measured
// with.
//   redis_load URL COUNT BYTES SENDERS WORKERS

#include "base/random.hpp"
#include "jobs/workers.hpp"
#include "ports/clock.hpp"
#include "redis/sidekiq_jobs.hpp"

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <latch>
#include <thread>
#include <vector>

#include <fmt/format.h>

namespace {

using namespace kiln;

constexpr auto kQueue = "load";

std::size_t number(const char* text) {
    const std::string_view all{text};
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(all.data(), all.data() + all.size(), value);
    if (error != std::errc{} || end != all.data() + all.size() || value == 0) {
        throw Error{ErrorKind::invalid, fmt::format("'{}' is no number from 1 up", all)};
    }
    return value;
}

void send(ports::JobQueue& jobs, std::atomic<std::size_t>& left, const std::string& text) {
    while (true) {
        auto have = left.load();
        do {
            if (have == 0) {
                return;
            }
        } while (!left.compare_exchange_weak(have, have - 1));
        jobs.push({.kind = "Job", .queue = kQueue, .args = {text}});
    }
}

double run(
    const char* url, std::size_t count, std::size_t bytes, std::size_t senders, std::size_t workers
) {
    redis::Client client{redis::parse_location(url), {.idle = senders + workers}};
    const ports::SystemClock clock;
    redis::SidekiqJobs jobs{client, clock, [] { return random_jitter(); }};
    const std::string text(bytes, 'x');
    std::latch done{static_cast<std::ptrdiff_t>(count)};
    const auto begun = std::chrono::steady_clock::now();
    std::atomic<std::size_t> left{count};
    jobs::Workers taking{
        jobs,
        [](const auto&, const auto&) { return std::nullopt; },
        {.queues = {kQueue}, .concurrency = workers},
        {[](const auto&) {},
         [&](const auto&, const auto*, const auto*) { done.count_down(); },
         [](const Error& error) { fmt::print(stderr, "{}\n", error.message()); }}};
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < senders; ++i) {
            threads.emplace_back([&] { send(jobs, left, text); });
        }
    }
    done.wait();
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begun;
    return static_cast<double>(count) / spent.count();
}

}  // namespace

int main(int count, char** words) {
    try {
        if (count != 6) {
            throw Error{ErrorKind::invalid, "usage: redis_load URL COUNT BYTES SENDERS WORKERS"};
        }
        const auto rate =
            run(words[1], number(words[2]), number(words[3]), number(words[4]), number(words[5]));
        fmt::print("{{\"per_second\": {:.1f}}}\n", rate);
        return 0;
    } catch (const Error& error) {
        fmt::print(stderr, "{}\n", error.message());
        return exit_code(error.kind());
    }
}
