#include "gc/collect.hpp"

#include "gc/reply_queues.hpp"
#include "os/interrupt.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace kiln::gc {

namespace {

constexpr std::chrono::minutes kRemoveDeadline{5};

/// One collection: what it works on, and the report it writes into.
class Collection {
  public:
    Collection(const World& world, const Options& options, const std::stop_token& stop)
        : world_{world}, options_{options}, stop_{stop}, now_{world.clock.now()} {}

    void chore(std::string_view what, const Chore& chore) {
        os::throw_if_stopped(stop_, "clean-up");
        if (!chore) {
            return;
        }
        try {
            for (auto& item : chore(options_.dry_run, stop_)) {
                report.items.push_back(std::move(item));
            }
        } catch (const Error& error) {
            failed_as_a_whole(what, error);
        }
    }

    void images() {
        const auto all = world_.images.describe({});
        auto plan = plan_images(all, options_.images, now_);
        for (const auto& [image, why] : plan.remove) {
            const auto snapshot = world_.snapshots.describe({image.root_snapshot});
            const auto size = snapshot.empty() ? Bytes{} : snapshot.front().stored;
            const auto name = fmt::format("{} ({})", image.name, image.id.str());
            attempt({"image", name, why, size, {}}, [&, &doomed = image] {
                world_.images.deregister(doomed.id);
                remove_snapshot(doomed.root_snapshot, all, doomed.id);
            });
        }
        report.spared = std::move(plan.spared);
    }

    void checkpoints() {
        for (const auto& checkpoint :
             plan_checkpoints(world_.checkpoints.list(), options_.checkpoint_budget)) {
            const auto why = fmt::format(
                "over the budget of {}, last used {}",
                humanize(options_.checkpoint_budget),
                format_time(checkpoint.used)
            );
            // The row goes first: a snapshot without one is found by the driver's reconcile, a row
            // without a snapshot would lead a bake astray.
            attempt({"checkpoint", checkpoint.snapshot.str(), why, checkpoint.stored, {}}, [&] {
                world_.checkpoints.remove(checkpoint.key);
                world_.snapshots.remove(checkpoint.snapshot, Deadline::after(kRemoveDeadline));
            });
        }
    }

    void reply_queues() {
        if (world_.census == nullptr) {
            return;
        }
        try {
            const auto verdicts = plan_reply_queues(
                world_.census->census(), all_records(), options_.keep_reply_queues, now_
            );
            for (const auto& [queue, why] : verdicts) {
                attempt({"reply queue", queue, why, {}, {}}, [&, &doomed = queue] {
                    world_.queues->destroy(doomed);
                });
            }
        } catch (const Error& error) {
            failed_as_a_whole("reply queue", error);
        }
    }

    void records() {
        const auto before = now_ - options_.keep_records;
        const auto old = plan_records(all_records(), world_.images.describe({}), before);
        if (old.empty()) {
            return;
        }
        std::vector<BakeId> ids;
        for (const auto& record : old) {
            ids.push_back(record.id);
        }
        const auto name = fmt::format("{} that ended before {}", old.size(), format_time(before));
        const auto why = fmt::format("kept for {}", format_duration(options_.keep_records));
        attempt({"bake record", name, why, {}, {}}, [&] { (void)world_.bakes.forget(ids); });
    }

    Report report;

  private:
    [[nodiscard]] std::vector<ports::BakeRecord> all_records() const {
        ports::BakeFilter filter;
        filter.limit = std::numeric_limits<std::int64_t>::max();
        return world_.bakes.list(filter);
    }

    void remove_snapshot(
        const SnapshotId& id, const std::vector<ports::Image>& images, const ImageId& of
    ) {
        const bool shared =
            std::any_of(images.begin(), images.end(), [&](const ports::Image& other) {
                return other.root_snapshot == id && other.id != of;
            });
        if (!shared) {
            world_.snapshots.remove(id, Deadline::after(kRemoveDeadline));
        }
    }

    template <class Act>
    void attempt(Item item, const Act& act) {
        os::throw_if_stopped(stop_, "clean-up");
        if (options_.dry_run == DryRun::no) {
            try {
                act();
            } catch (const Error& error) {
                if (error.kind() == ErrorKind::cancelled) {
                    throw;
                }
                item.failed = error.message();
            }
        }
        report.items.push_back(std::move(item));
    }

    void failed_as_a_whole(std::string_view what, const Error& error) {
        if (error.kind() == ErrorKind::cancelled) {
            throw error;
        }
        report.items.push_back({std::string{what}, "all", "", {}, error.message()});
    }

    const World& world_;
    const Options& options_;
    const std::stop_token& stop_;
    TimePoint now_;
};

}  // namespace

bool Report::failed() const noexcept {
    return std::any_of(items.begin(), items.end(), [](const Item& item) { return item.failed; });
}

Bytes Report::freed() const noexcept {
    Bytes total;
    for (const auto& item : items) {
        total += item.failed ? Bytes{} : item.size;
    }
    return total;
}

json::object to_json(const Report& report, DryRun dry_run) {
    json::array items;
    for (const auto& item : report.items) {
        json::object one{
            {"what", item.what},
            {"name", item.name},
            {"why", item.why},
            {"size_bytes", item.size.count},
            {"failed", nullptr}};
        if (item.failed) {
            one["failed"] = *item.failed;
        }
        items.push_back(std::move(one));
    }
    json::array spared;
    for (const auto& [image, why] : report.spared) {
        spared.push_back({{"image", image.id.str()}, {"name", image.name}, {"why", why}});
    }
    return {
        {"dry_run", dry_run == DryRun::yes},
        {"items", std::move(items)},
        {"spared", std::move(spared)},
        {"freed_bytes", report.freed().count}};
}

Report collect(const World& world, const Options& options, const std::stop_token& stop) {
    Collection collection{world, options, stop};
    collection.chore("leftover", world.sweep);
    collection.images();
    collection.checkpoints();
    collection.reply_queues();  // which are told by records
    collection.records();
    collection.chore("cached volume", world.cached_volumes);
    collection.chore("file", world.reconcile);
    collection.chore("chain", world.flatten);
    return std::move(collection.report);
}

Report maintain(const World& world, const Options& options, const std::stop_token& stop) {
    Collection collection{world, options, stop};
    collection.checkpoints();
    collection.chore("chain", world.flatten);
    return std::move(collection.report);
}

}  // namespace kiln::gc
