#pragma once

#include "api/event_hub.hpp"
#include "api/folder_watches.hpp"
#include "base/deadline.hpp"

#include <map>
#include <optional>

namespace kiln::api {

/// What the hub's thread has and does.
class EventHub::Loop {
  public:
    Loop(
        EventHub& hub,
        ports::BakeStore& bakes,
        std::filesystem::path run_folder,
        EventHubSettings settings
    );

    /// Until the hub is closed.
    void run();

  private:
    using Clock = std::chrono::steady_clock;

    /// A bake that somebody follows.
    struct Topic {
        std::vector<Follower> followers;
        JobId job;
        std::optional<int> watch;  ///< on its job's folder, while there is one
    };

    enum class Wants { more, room, nothing };

    /// Waits for a reason to look. @returns  the topics to look at; nullopt: the end
    std::optional<std::set<BakeId>> wait();
    bool take_inbox(std::set<BakeId>& changed);
    void take_changes(std::set<BakeId>& changed);
    void take_due(std::set<BakeId>& changed, Clock::time_point now);
    [[nodiscard]] Deadline next_due() const;

    void look_at(const BakeId& bake);
    void update(const BakeId& bake, Topic& topic);
    void watch(Topic& topic, const ports::BakeRecord& record);
    Wants hand_over(const BakeId& bake, Follower& follower, bool over);
    void drop(const BakeId& bake);

    EventHub& hub_;
    ports::BakeStore& bakes_;
    std::filesystem::path run_folder_;
    EventHubSettings settings_;
    FolderWatches watches_;
    std::optional<int> run_watch_;  ///< on the run folder: jobs begin in it
    std::map<BakeId, Topic> topics_;
    std::set<BakeId> full_;  ///< some follower has to be waited for
};

}  // namespace kiln::api
