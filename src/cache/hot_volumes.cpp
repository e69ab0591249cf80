#include "cache/hot_volumes.hpp"

#include "base/fault.hpp"
#include "base/log.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace kiln::cache {

namespace {

/// Reading all bakes and images after each bake would cost as much as the bake saved.
constexpr std::chrono::minutes kFresh{1};

}  // namespace

/// Tells when the bake is done with it: then there is time to make the next one.
class HotVolumes::HandedOver final : public ports::AttachedVolume {
  public:
    HandedOver(HotVolumes& owner, std::unique_ptr<ports::AttachedVolume> volume)
        : owner_{owner}, volume_{std::move(volume)} {}

    HandedOver(HandedOver&&) = delete;

    ~HandedOver() override {
        volume_.reset();
        owner_.look_again();
    }

    [[nodiscard]] std::filesystem::path device() const override { return volume_->device(); }

    void detach() override { volume_->detach(); }

    [[nodiscard]] std::optional<Error> failure() override { return volume_->failure(); }

  private:
    HotVolumes& owner_;
    std::unique_ptr<ports::AttachedVolume> volume_;
};

HotVolumes::HotVolumes(World world, Settings settings)
    : world_{std::move(world)}, settings_{settings}, thread_{[this] { serve(); }} {}

HotVolumes::~HotVolumes() {
    stop_.request_stop();
    {
        const std::lock_guard lock{mutex_};
        changed_.notify_all();
    }
    thread_.join();  // ends the entries itself, while the servers' parent still lives
}

std::optional<Ready> HotVolumes::claim(const JobId& to, const Wanted& what) {
    for (;;) {
        std::list<Entry> taken;
        {
            const std::lock_guard lock{mutex_};
            const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
                return entry.what == what;
            });
            if (at == entries_.end()) {
                asked_.insert(what);
                return std::nullopt;
            }
            taken.splice(taken.begin(), entries_, at);
        }
        auto& entry = taken.front();
        if (const auto why = entry.ready.attached->failure()) {
            log_debug("a ready volume failed", {{"why", why->message()}});
            end(std::move(entry));
            look_again();
            continue;
        }
        // Dies before it: both jobs are this process', and the sweeper undoes them. After it: one.
        try {
            world_.cache.hand_over(entry.job, to);
        } catch (const Error&) {
            end(std::move(entry));
            throw;
        }
        fault_point("cache:handed-over");
        entry.ready.attached = std::make_unique<HandedOver>(*this, std::move(entry.ready.attached));
        return std::move(entry.ready);
    }
}

void HotVolumes::look_again() {
    const std::lock_guard lock{mutex_};
    wanted_ = true;
    changed_.notify_all();
}

std::size_t HotVolumes::settle() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return !wanted_ && !busy_; });
    return entries_.size();
}

void HotVolumes::serve() {
    std::unique_lock lock{mutex_};
    for (;;) {
        changed_.wait(lock, [&] { return wanted_ || stop_.stop_requested(); });
        if (stop_.stop_requested()) {
            break;
        }
        wanted_ = false;
        busy_ = true;
        lock.unlock();
        review();
        lock.lock();
        busy_ = false;
        changed_.notify_all();
    }
    auto left = std::exchange(entries_, {});
    lock.unlock();
    for (auto& entry : left) {
        end(std::move(entry));
    }
}

void HotVolumes::review() {
    try {
        const auto shares = wanted();
        drop_surplus(shares);
        for (const auto& share : missing(shares)) {
            for (std::size_t i = 0; i < share.count && !stop_.stop_requested(); ++i) {
                make(share.demand->what);
            }
        }
    } catch (const std::exception& error) {
        measured_.reset();
        log_warning(
            "no volumes are made ready; tried again after the next bake", {{"error", error.what()}}
        );
    }
}

std::vector<Share> HotVolumes::wanted() {
    std::set<Wanted> asked;
    {
        const std::lock_guard lock{mutex_};
        asked.swap(asked_);
    }
    for (const auto& demand : demands_) {
        asked.erase(demand.what);
    }
    const auto now = world_.clock.now();
    const bool fresh = measured_ && now >= *measured_ && now - *measured_ < kFresh;
    if (!fresh || !asked.empty()) {
        demands_ = look(world_, settings_.half_life).demands;
        measured_ = now;
    }
    return share_out(demands_, {}, {settings_.hot, settings_.bytes});
}

std::vector<Share> HotVolumes::missing(std::vector<Share> shares) {
    const std::lock_guard lock{mutex_};
    for (auto& share : shares) {
        const auto have = static_cast<std::size_t>(std::count_if(
            entries_.begin(),
            entries_.end(),
            [&](const Entry& entry) { return entry.what == share.demand->what; }
        ));
        share.count -= std::min(share.count, have);
    }
    return shares;
}

void HotVolumes::drop_surplus(const std::vector<Share>& shares) {
    std::map<Wanted, std::size_t> places;
    for (const auto& share : shares) {
        places[share.demand->what] = share.count;
    }
    std::list<Entry> surplus;
    {
        const std::lock_guard lock{mutex_};
        for (auto at = entries_.begin(); at != entries_.end();) {
            auto& left = places[at->what];
            const auto here = at++;
            if (left == 0) {
                surplus.splice(surplus.end(), entries_, here);
            } else {
                --left;
            }
        }
    }
    for (auto& entry : surplus) {
        end(std::move(entry));
    }
}

void HotVolumes::make(const Wanted& what) {
    Entry entry{JobId::random(), what, {}};
    try {
        (void)read_in(world_.files(what.snapshot), settings_.read_in);
        entry.ready = prepare(world_, entry.job, what, "hot", stop_.get_token());
        if (entry.ready.root->location().filesystem == "btrfs") {
            // Before Linux 6.7 no second clone of it can be mounted while this one is.
            entry.ready.root->unmount();
            entry.ready.root.reset();
        }
        fault_point("cache:hot");
    } catch (const std::exception& error) {
        log_debug("a volume is not made ready", {{"error", error.what()}});
        end(std::move(entry));
        return;
    }
    const std::lock_guard lock{mutex_};
    entries_.push_back(std::move(entry));
}

void HotVolumes::end(Entry entry) noexcept {
    try {
        entry.ready.root.reset();
        entry.ready.attached.reset();
        world_.undo_job(entry.job);
    } catch (const std::exception& error) {
        log_warning(
            "clean-up is left to the next `kiln gc`",
            {{"job", entry.job.str()}, {"error", error.what()}}
        );
    }
}

}  // namespace kiln::cache
