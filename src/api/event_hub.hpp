#pragma once

#include "api/follower.hpp"
#include "base/guarded.hpp"
#include "ports/bake_store.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <set>
#include <thread>
#include <vector>

namespace kiln::api {

struct EventHubSettings {
    /// A comment goes out after so long without an event, so that proxies keep the connection; what
    /// no notice came for is noticed then, too.
    std::chrono::milliseconds keep_alive{15'000};
};

/// Hands the events of bakes to clients that follow them, as server-sent events. One thread for
/// all: it wakes when this process stored events (`poke`), when another process of this host did
/// (it touches run/JOB/notify), and when a client can take more.
///
/// An event's id is its place, "ATTEMPT:SEQUENCE". A stream ends after the final event, and where
/// none is to come: the bake is over or forgotten. A client that reads too slowly is waited for; it
/// is the server's to cut it off.
class EventHub {
  public:
    /// @param bakes       outlives this
    /// @param run_folder  each job has a folder below it
    EventHub(
        ports::BakeStore& bakes, std::filesystem::path run_folder, EventHubSettings settings = {}
    );
    EventHub(EventHub&&) = delete;
    ~EventHub();  ///< as `close`

    /// Writes the events after `follower.after` to its stream, as they come. Any thread.
    void follow(const BakeId& bake, Follower follower);

    /// This process stored something of the bake. Any thread; cheap when nobody follows.
    void poke(const BakeId& bake) noexcept;

    /// Ends all streams, those that come later at once. Their clients come back to another server,
    /// and go on where they were. Any thread.
    void close();

    [[nodiscard]] std::size_t followers() const noexcept { return followers_; }

  private:
    struct Inbox {
        std::vector<std::pair<BakeId, Follower>> arrived;
        std::set<BakeId> poked;
        bool closed = false;
    };

    class Loop;

    void wake() noexcept;

    std::atomic<std::size_t> followers_{0};
    std::shared_ptr<const os::Fd> wake_;  ///< an eventfd; streams that outlive this hold it, too
    Guarded<Inbox> inbox_;
    std::thread thread_;
};

}  // namespace kiln::api
