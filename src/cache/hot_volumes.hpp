#pragma once

#include "cache/keep.hpp"

#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

namespace kiln::cache {

/// Volumes that this process holds attached and mounted for the bakes to come: with one of them a
/// bake's first steps are a single commit. For processes that stay: `kiln serve`.
///
/// Each is a job of this process until it is handed over, so it ends as any job does: by the end of
/// this object, or by the sweeper. A thread of its own makes them, because a volume's server ends
/// with the thread that attached it; hence this object must outlive what it handed over.
/// Safe from several threads.
class HotVolumes {
  public:
    /// Starts to make them at once. `settings.hot` is how many.
    HotVolumes(World world, Settings settings);
    HotVolumes(HotVolumes&&) = delete;
    ~HotVolumes();  ///< lets go of those that wait

    /// One that is ready becomes the job's, with all that holds it. nullopt: none is.
    [[nodiscard]] std::optional<Ready> claim(const JobId& to, const Wanted& what);

    /// Drops what is not asked for any more and makes what is missing, soon. Happens by itself when
    /// a volume that was handed over is detached. Cheap: what is asked for is measured once a
    /// minute, or when something was asked for that was not known.
    void look_again();

    /// Waits until nothing is to be done. @returns how many are ready
    std::size_t settle();

  private:
    struct Entry {
        JobId job;
        Wanted what;
        Ready ready;
    };

    class HandedOver;

    void serve();
    void review();
    /// What is asked for, measured anew when that was long ago or something unknown was asked for.
    [[nodiscard]] std::vector<Share> wanted();
    /// Of these, those that are not ready.
    [[nodiscard]] std::vector<Share> missing(std::vector<Share> shares);
    void drop_surplus(const std::vector<Share>& shares);
    void make(const Wanted& what);
    void end(Entry entry) noexcept;

    World world_;
    Settings settings_;
    std::stop_source stop_;
    std::vector<Demand> demands_;        ///< of the thread
    std::optional<TimePoint> measured_;  ///< of the thread: when they were

    std::mutex mutex_;  ///< guards what follows
    std::condition_variable changed_;
    std::list<Entry> entries_;
    std::set<Wanted> asked_;  ///< and not found ready, since the last review
    bool wanted_ = true;
    bool busy_ = false;

    std::thread thread_;
};

}  // namespace kiln::cache
