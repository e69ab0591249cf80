#include "redis/presence.hpp"

#include "base/hex.hpp"
#include "base/random.hpp"
#include "ports/job_record.hpp"
#include "redis/message_record.hpp"

#include <array>
#include <fstream>

#include <climits>
#include <fmt/format.h>

#include <unistd.h>

namespace kiln::redis {

namespace {

constexpr std::chrono::seconds kBeat{5};
constexpr std::size_t kIdentityBytes = 6;

/// Resident memory of this process in KiB; 0 where it is not told.
std::int64_t resident_kib() {
    std::ifstream file{"/proc/self/statm"};
    std::int64_t all = 0;
    std::int64_t resident = 0;
    file >> all >> resident;
    return resident * ::sysconf(_SC_PAGESIZE) / 1'024;
}

std::string work_json(const BusyJob& job) {
    return json::serialize(json::object{
        {"queue", job.queue},
        {"payload", job.payload},
        {"run_at", std::chrono::floor<std::chrono::seconds>(job.since).time_since_epoch().count()}}
    );
}

}  // namespace

ProcessFacts facts_of_this_process(TimePoint now) {
    std::array<char, HOST_NAME_MAX + 1> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) {
        throw_errno("ask for the host's name");
    }
    ProcessFacts facts;
    facts.hostname = name.data();
    facts.pid = ::getpid();
    facts.identity =
        fmt::format("{}:{}:{}", facts.hostname, facts.pid, to_hex(random_bytes<kIdentityBytes>()));
    facts.started = now;
    return facts;
}

json::object process_info(const ProcessFacts& facts) {
    json::array queues;
    json::object weights;
    for (const auto& queue : facts.queues) {
        queues.emplace_back(queue);
        weights[queue] = 0;
    }
    return {
        {"hostname", facts.hostname},
        {"started_at", ports::job_time(facts.started)},
        {"pid", facts.pid},
        {"tag", facts.tag},
        {"concurrency", facts.concurrency},
        {"queues", std::move(queues)},
        {"weights", json::array{std::move(weights)}},
        {"labels", json::array{}},
        {"identity", facts.identity},
        {"version", facts.version},
        {"embedded", false}};
}

Presence::Presence(
    Client& client, SidekiqJobs& jobs, ProcessFacts facts, const ports::Clock& clock, Hooks hooks
)
    : client_{client},
      jobs_{jobs},
      facts_{std::move(facts)},
      clock_{clock},
      hooks_{std::move(hooks)},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

Presence::~Presence() {
    thread_.request_stop();
    thread_.join();
    try {
        client_.run(scripts::leave(), {facts_.identity}, Again::yes);
    } catch (const Error& error) {
        // It goes from the page by itself, within a minute.
        hooks_.on_error(Error{error}.while_("leave Sidekiq's list of processes"));
    }
}

void Presence::beat() {
    const auto begun = std::chrono::steady_clock::now();
    client_.call({"PING"});
    const auto rtt = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begun
    );
    const auto busy = jobs_.busy();
    Words words{
        facts_.identity,
        json::serialize(process_info(facts_)),
        std::to_string(busy.size()),
        fmt::format("{:.6f}", ports::job_time(clock_.now())),
        std::to_string(rtt.count()),
        hooks_.is_quiet() ? "true" : "false",
        std::to_string(resident_kib())};
    for (const auto& [receipt, job] : busy) {
        const auto nonce = receipt.find('-') + 1;
        words.push_back(receipt.substr(nonce, receipt.find('-', nonce) - nonce));
        words.push_back(work_json(job));
    }
    const auto signal = client_.run(scripts::beat(), std::move(words)).text;
    if (signal == "TSTP" || signal == "USR1") {
        hooks_.on_signal(PageSignal::quiet);
    } else if (signal == "TERM" || signal == "INT") {
        hooks_.on_signal(PageSignal::stop);
    }
}

void Presence::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        try {
            beat();
        } catch (const Error& error) {
            hooks_.on_error(Error{error}.while_("tell Sidekiq's page"));
        }
        auto waiting = waiting_.lock();
        never_.wait_for(waiting.raw(), stop, kBeat, [] { return false; });
    }
}

}  // namespace kiln::redis
