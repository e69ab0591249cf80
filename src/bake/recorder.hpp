#pragma once

#include "bake/baker.hpp"
#include "bake/events.hpp"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

namespace kiln::bake {

/// Keeps a bake's events: to the sink at once, to the store by a thread of its own, so that no step
/// waits for a disk. That thread also hands on lines that have waited long enough for company.
/// After each append it touches `run/JOB/notify`, which followers watch.
///
/// Events recorded before `open()` wait for it: until then nobody knows whether the bake is to be.
class Recorder {
  public:
    /// @param stored  called when events became durable; from any thread
    Recorder(
        World& world,
        BakeId bake,
        std::int64_t attempt,
        EventSink sink,
        std::function<void()> stored = {}
    );
    Recorder(Recorder&&) = delete;
    ~Recorder();

    /// The record is in the store: events may follow it.
    /// @param folder  of the bake, which followers watch
    void open(const std::filesystem::path& folder);

    void accepted(json::value data);
    void line(jail::Stream stream, const os::Line& line, std::string_view step);
    void note(std::string_view step, std::string_view text);
    void step_began(std::string_view step);
    void step_ended(std::string_view step, Duration took, bool ok);

    /// The last events and the record's end, in one commit; durable on return. With state `queued`
    /// only the attempt ends: a remark instead of ERROR and END.
    void close(
        const ports::BakeStore::Ending& ending,
        const std::optional<ports::Image>& image,
        const std::optional<json::object>& error
    );

    [[nodiscard]] std::vector<std::string> last_lines();

  private:
    /// To the sink, and into what waits for the store. Called under the lock.
    void take(EventLog::Events events);
    void store_loop();
    void notify() noexcept;
    bool store_batch(std::unique_lock<std::mutex>& lock);

    World& world_;
    BakeId bake_;
    std::int64_t attempt_;
    std::function<void()> stored_;
    std::filesystem::path folder_;

    std::mutex
        mutex_;  ///< guards what follows; the sink is called under it, so events keep their order
    EventSink sink_;
    EventLog log_;
    std::condition_variable changed_;
    std::vector<ports::BakeEvent> waiting_;
    bool closing_ = false;
    bool failed_ = false;  ///< the store refused events; they wait for the last commit

    std::thread thread_;
};

}  // namespace kiln::bake
