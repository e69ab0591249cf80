#pragma once

#include "api/event_hub.hpp"
#include "ports/bake_store.hpp"

#include <functional>

namespace kiln::api {

/// A store that tells the hub of what this process writes, once it is durable.
class ToldBakeStore final : public ports::BakeStore {
  public:
    /// The store outlives this.
    explicit ToldBakeStore(ports::BakeStore& store) : store_{store} {}

    /// Set once, before bakes run; nullptr: nobody is told.
    void tell(EventHub* hub) noexcept { hub_ = hub; }

    /// Somebody else in this process who is told; it must not block nor throw. Set once, before
    /// bakes run, and unset when none runs any more.
    void listen(std::function<void(const BakeId&)> heard) { heard_ = std::move(heard); }

    bool submit(const ports::BakeRecord& record) override;
    Begun begin(const ports::BakeRecord& record, bool force) override;
    void append(
        const BakeId& id,
        std::int64_t attempt,
        const std::vector<ports::BakeEvent>& events,
        const std::optional<Ending>& ended
    ) override;
    void note(const BakeId& id, const std::string& text) override;
    [[nodiscard]] ports::BakeRecord get(const BakeId& id) override;
    [[nodiscard]] std::vector<ports::BakeRecord> list(const ports::BakeFilter& filter) override;
    [[nodiscard]] std::map<ports::BakeState, std::int64_t> count() override;
    [[nodiscard]] std::vector<ports::BakeEvent> events(
        const BakeId& id, const ports::EventPlace& after, std::size_t limit
    ) override;
    std::size_t forget(const std::vector<BakeId>& ids) override;

  private:
    void told(const BakeId& id) noexcept;

    ports::BakeStore& store_;
    std::atomic<EventHub*> hub_{nullptr};
    std::function<void(const BakeId&)> heard_;
};

}  // namespace kiln::api
