// What the engine of executions does on a real store: transitions, starts, activity round trips,
// waiting executions, Maps. Prints one line for each figure.

#include "asl/parse.hpp"
#include "flow/engine/engine.hpp"
#include "os/files.hpp"
#include "sqlite/flow_store.hpp"
#include "sqlite/store.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <future>
#include <optional>
#include <semaphore>
#include <thread>
#include <vector>

#include <fmt/format.h>

namespace kiln {
namespace {

using Clock = std::chrono::steady_clock;
constexpr const char* kActivity = "arn:aws:states:us-east-1:000000000000:activity:work";

class KnownDefinitions final : public flow::Definitions {
  public:
    asl::StateMachinePtr revision(std::int64_t number) override {
        return machines_.at(static_cast<std::size_t>(number));
    }

    bool has_activity(std::string_view) override { return true; }

    std::int64_t add(const std::string& text) {
        auto parsed = asl::parse_definition(text);
        KILN_CHECK(parsed.machine != nullptr);
        machines_.push_back(parsed.machine);
        return static_cast<std::int64_t>(machines_.size()) - 1;
    }

  private:
    std::vector<asl::StateMachinePtr> machines_;
};

class NoCalls final : public flow::TaskRunner {
  public:
    void run(flow::TaskCall, Report) override {}

    void cancel(std::int64_t, std::int64_t) override {}
};

class NoItems final : public flow::ItemSource {
  public:
    flow::Payload read(const asl::Resource&, const json::value&, const json::object&) override {
        throw flow::TaskFailure{"States.ItemReaderFailed", "none"};
    }

    void write(const json::value&, const std::string&, const std::string&) override {}
};

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Counts down; whoever waits goes on at zero.
class Countdown {
  public:
    explicit Countdown(std::size_t count) : left_{count} {}

    void done() {
        if (--left_ == 0) {
            zero_.set_value();
        }
    }

    void wait() { zero_.get_future().wait(); }

  private:
    std::atomic<std::size_t> left_;
    std::promise<void> zero_;
};

class Bench {
  public:
    explicit Bench(const std::filesystem::path& folder) : folder_{folder} { open(); }

    void open() {
        store_.emplace(folder_);
        flow_.emplace(*store_);
        flow::EngineSettings settings;
        settings.token_secret = "a secret of the home folder";
        settings.limits.events = 1'000'000;
        settings.limits.payload_bytes = 4U << 20;
        engine_.emplace(
            flow::EngineWorld{*flow_, definitions_, runner_, items_, wall_, steady_}, settings
        );
    }

    void close() {
        engine_.reset();
        flow_.reset();
        store_.reset();
    }

    flow::StartSpec spec(std::int64_t revision, const std::string& input = "{}") {
        flow::StartSpec spec;
        spec.machine.revision = revision;
        spec.machine.arn = "arn:aws:states:us-east-1:000000000000:stateMachine:M";
        spec.machine.name = "M";
        spec.machine.machine = definitions_.revision(revision);
        spec.input = input;
        return spec;
    }

    /// Starts so many, `at_once` of them open at the same time; each runs to its end.
    double run_many(std::int64_t revision, std::size_t count, std::size_t at_once) {
        Countdown all{count};
        std::counting_semaphore<> free{static_cast<std::ptrdiff_t>(at_once)};
        const auto begin = Clock::now();
        for (std::size_t i = 0; i < count; ++i) {
            free.acquire();
            engine_->start(spec(revision), [&](flow::Result<flow::StartedExecution> result) {
                const auto& started = std::get<flow::StartedExecution>(result);
                engine_->watch(started.arn, [&](flow::Result<flow::ExecutionView>) {
                    free.release();
                    all.done();
                });
            });
        }
        all.wait();
        return seconds_since(begin);
    }

    void transitions() {
        // Each state is a commit of its own: a Wait of no time would not leave the interpreter, an
        // activity does.
        const auto before = engine_->counters().events;
        const auto took = run_many(chain_, 2'000, 500);
        const auto events = engine_->counters().events - before;
        fmt::print(
            "transitions (Pass chains of 10, 500 at once): {:.0f}/s, events {:.0f}/s\n",
            2'000 * 10 / took,
            static_cast<double>(events) / took
        );
    }

    void starts() {
        const auto took = run_many(one_, 5'000, 500);
        fmt::print("start to SUCCEEDED, one state, 500 at once: {:.0f}/s\n", 5'000 / took);
        std::vector<double> each;
        for (int i = 0; i < 200; ++i) {
            each.push_back(run_many(one_, 1, 1) * 1000);
        }
        std::sort(each.begin(), each.end());
        fmt::print(
            "start to SUCCEEDED, idle: p50 {:.2f} ms, p99 {:.2f} ms\n", each[100], each[197]
        );
    }

    void work(std::size_t count, Countdown& reported) {
        for (std::size_t i = 0; i < count; ++i) {
            poll(reported);
        }
    }

    void poll(Countdown& reported) {
        engine_->take_task(
            kActivity,
            "w",
            std::chrono::seconds{60},
            [&](flow::Result<flow::ActivityTask> result) {
                const auto& task = std::get<flow::ActivityTask>(result);
                engine_->task_succeeded(task.token, "1", [&](flow::Result<flow::Done>) {
                    reported.done();
                });
            }
        );
    }

    void round_trips() {
        constexpr std::size_t kCount = 5'000;
        Countdown reported{kCount};
        const auto begin = Clock::now();
        work(kCount, reported);
        (void)run_many(task_, kCount, 500);
        reported.wait();
        fmt::print(
            "activity round trips (start, take, report, end): {:.0f}/s, transitions {:.0f}/s\n",
            kCount / seconds_since(begin),
            2 * kCount / seconds_since(begin)
        );
    }

    static std::size_t resident() {
        std::ifstream file{"/proc/self/statm"};
        std::size_t size = 0;
        std::size_t pages = 0;
        file >> size >> pages;
        return pages * 4096;
    }

    void waiting(std::size_t count) {
        const auto before = resident();
        Countdown all{count};
        std::counting_semaphore<> free{2'000};
        auto begin = Clock::now();
        for (std::size_t i = 0; i < count; ++i) {
            free.acquire();
            engine_->start(
                spec(i % 2 == 0 ? wait_ : task_),
                [&](flow::Result<flow::StartedExecution>) {
                    free.release();
                    all.done();
                }
            );
        }
        all.wait();
        fmt::print(
            "{} executions that wait: started in {:.1f} s, {} MiB more\n",
            count,
            seconds_since(begin),
            (resident() - before) >> 20
        );
        begin = Clock::now();
        close();
        open();
        fmt::print("restart with them: {:.2f} s\n", seconds_since(begin));
    }

    void map(const char* name, std::int64_t revision, std::size_t items) {
        json::array array(items, json::value(1));
        auto wanted = spec(revision, json::serialize(array));
        const auto begin = Clock::now();
        std::promise<std::string> ended;
        engine_->start(std::move(wanted), [&](flow::Result<flow::StartedExecution> result) {
            engine_->watch(
                std::get<flow::StartedExecution>(result).arn,
                [&](flow::Result<flow::ExecutionView> view) {
                    ended.set_value(std::get<flow::ExecutionView>(view).row.status);
                }
            );
        });
        const auto status = ended.get_future().get();
        fmt::print("{} of {} items: {:.2f} s, {}\n", name, items, seconds_since(begin), status);
    }

    void maps() {
        map("inline Map", inline_, 1'000);
        map("inline Map", inline_, 10'000);
        map("distributed Map", distributed_, 10'000);
        map("distributed Map", distributed_, 100'000);
    }

  private:
    static std::string chain_of(int states) {
        std::string text = R"({"StartAt":"S0","States":{)";
        for (int i = 0; i < states; ++i) {
            text += fmt::format(
                R"("S{}":{{"Type":"Pass",{}}}{})",
                i,
                i + 1 < states ? fmt::format(R"("Next":"S{}")", i + 1) : R"("End":true)",
                i + 1 < states ? "," : ""
            );
        }
        return text + "}}";
    }

    static std::string map_of(const std::string& config) {
        return R"({"StartAt":"M","States":{"M":{"Type":"Map","Label":"L","End":true,"ItemProcessor":{)" +
               config + R"("StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}}}})";
    }

    std::filesystem::path folder_;
    ports::SystemClock wall_;
    ports::MachineSteadyClock steady_;
    KnownDefinitions definitions_;
    NoCalls runner_;
    NoItems items_;
    std::optional<sqlite::Store> store_;
    std::optional<sqlite::SqliteFlowStore> flow_;
    std::optional<flow::Engine> engine_;
    std::int64_t one_ = definitions_.add(chain_of(1));
    std::int64_t chain_ = definitions_.add(chain_of(10));
    std::int64_t task_ = definitions_.add(fmt::format(
        R"({{"StartAt":"T","States":{{"T":{{"Type":"Task","Resource":"{}","End":true}}}}}})",
        kActivity
    ));
    std::int64_t wait_ = definitions_.add(
        R"({"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":100000,"End":true}}})"
    );
    std::int64_t inline_ = definitions_.add(
        R"({"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}}}})"
    );
    std::int64_t distributed_ = definitions_.add(
        map_of(R"("ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},)")
    );
};

}  // namespace
}  // namespace kiln

int main(int count, char** arguments) {
    const std::filesystem::path where = count > 1 ? arguments[1] : ".";
    const auto folder = kiln::os::TempDir::unique(where, "kiln-flow-bench");
    kiln::Bench bench{folder.path()};
    bench.starts();
    bench.transitions();
    bench.round_trips();
    bench.maps();
    bench.waiting(100'000);
    bench.close();
}
