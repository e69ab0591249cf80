#pragma once

#include "redis/sidekiq_jobs.hpp"

#include <condition_variable>
#include <functional>
#include <string>
#include <thread>
#include <vector>

/// How a process shows itself on Sidekiq's web page.
namespace kiln::redis {

struct ProcessFacts {
    std::string identity;  ///< HOST:PID:HEX, as `new_identity` makes it
    std::string hostname;
    int pid = 0;
    std::string tag = "kiln";
    int concurrency = 1;
    std::vector<std::string> queues;
    TimePoint started;
    std::string version;  ///< kiln's
};

/// Of this process. @throws Error by errno
[[nodiscard]] ProcessFacts facts_of_this_process(TimePoint now);

/// The `info` of a process' hash. Pure.
[[nodiscard]] json::object process_info(const ProcessFacts& facts);

/// What the page asks a process to do.
enum class PageSignal {
    quiet,  ///< TSTP: take no more jobs
    stop,   ///< TERM
};

/// Tells every five seconds that the process is there and what it does, and hears what the page
/// asks of it. What goes wrong is told to `on_error`, and tried again at the next beat.
class Presence {
  public:
    struct Hooks {
        std::function<void(PageSignal)> on_signal;
        std::function<void(const Error&)> on_error;
        std::function<bool()> is_quiet;  ///< no more jobs are taken
    };

    Presence(
        Client& client,
        SidekiqJobs& jobs,
        ProcessFacts facts,
        const ports::Clock& clock,
        Hooks hooks
    );
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;
    /// Takes it off the page.
    ~Presence();

  private:
    void run(const std::stop_token& stop);
    void beat();

    Client& client_;
    SidekiqJobs& jobs_;
    ProcessFacts facts_;
    const ports::Clock& clock_;
    Hooks hooks_;
    Guarded<bool> waiting_{true};
    std::condition_variable_any never_;
    std::jthread thread_;
};

}  // namespace kiln::redis
