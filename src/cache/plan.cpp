#include "cache/plan.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace kiln::cache {

namespace {

/// Is one more beside `given` worth having?
bool worth(const Demand& demand, std::size_t given) {
    const double least = given == 0 ? kLeastPopularity : static_cast<double>(given) + 0.5;
    return demand.popularity >= least;
}

/// The largest of its kind that was measured.
std::map<Wanted, Bytes> measured(const std::vector<ports::CachedVolume>& cached) {
    std::map<Wanted, Bytes> sizes;
    for (const auto& volume : cached) {
        auto& size = sizes[{volume.snapshot, volume.size}];
        size = std::max(size, volume.stored);
    }
    return sizes;
}

std::string popularity_text(const Demand& demand) {
    return fmt::format(
        "{} bake{}, popularity {:.2f}",
        demand.bakes,
        demand.bakes == 1 ? "" : "s",
        demand.popularity
    );
}

/// Why a volume that has no place goes.
std::string reason_to_go(
    const Scene& scene,
    const ports::CachedVolume& volume,
    const Demand* demand,
    const Budget& budget
) {
    if (!scene.parents.contains(volume.snapshot)) {
        return "its image is gone";
    }
    if (budget.count == 0) {
        return "nothing is kept ready: cache.count is 0";
    }
    if (demand == nullptr) {
        return "no bake on record asked for one like it";
    }
    if (!worth(*demand, 0)) {
        return fmt::format(
            "hardly asked for: {}; it takes {}", popularity_text(*demand), kLeastPopularity
        );
    }
    return fmt::format(
        "others are asked for more: {}; room for {} or {}",
        popularity_text(*demand),
        budget.count,
        humanize(budget.bytes)
    );
}

}  // namespace

std::vector<Share> share_out(
    const std::vector<Demand>& demands,
    const std::vector<ports::CachedVolume>& cached,
    const Budget& budget
) {
    const auto sizes = measured(cached);
    std::vector<Share> shares;
    for (const auto& demand : demands) {
        shares.push_back({&demand, 0});
    }
    Bytes used;
    for (std::size_t given = 0; given < budget.count; ++given) {
        Share* best = nullptr;
        double gain = 0.0;
        for (auto& share : shares) {
            const auto size = sizes.find(share.demand->what);
            const Bytes cost = size == sizes.end() ? kUsualSize : size->second;
            const double more = share.demand->popularity / static_cast<double>(share.count + 1);
            if (worth(*share.demand, share.count) && used + cost <= budget.bytes && more > gain) {
                best = &share;
                gain = more;
            }
        }
        if (best == nullptr) {
            break;
        }
        const auto size = sizes.find(best->demand->what);
        used += size == sizes.end() ? kUsualSize : size->second;
        best->count += 1;
    }
    std::erase_if(shares, [](const Share& share) { return share.count == 0; });
    return shares;
}

Plan plan_cache(const Scene& scene, const Budget& budget) {
    Plan plan;
    std::map<Wanted, const Demand*> demands;
    for (const auto& demand : scene.demands) {
        demands.emplace(demand.what, &demand);
    }
    std::map<Wanted, std::size_t> places;
    const auto shares = share_out(scene.demands, scene.cached, budget);
    for (const auto& share : shares) {
        places[share.demand->what] = share.count;
    }
    auto cached = scene.cached;
    std::sort(cached.begin(), cached.end(), [](const auto& a, const auto& b) {
        return std::tie(b.since, b.volume) < std::tie(a.since, a.volume);  // newest first
    });
    std::map<Wanted, std::size_t> kept;
    for (const auto& volume : cached) {
        const Wanted what{volume.snapshot, volume.size};
        const auto known = demands.find(what);
        const auto* demand = known == demands.end() ? nullptr : known->second;
        if (!scene.volumes.contains(volume.volume)) {
            plan.drop.push_back({volume, "the volume is gone"});
        } else if (kept[what] < places[what]) {
            kept[what] += 1;
            plan.keep.push_back({volume, popularity_text(*demand)});
        } else {
            plan.drop.push_back({volume, reason_to_go(scene, volume, demand, budget)});
        }
    }
    for (const auto& share : shares) {
        for (auto have = kept[share.demand->what]; have < share.count; ++have) {
            plan.make.push_back(
                {share.demand->what,
                 share.demand->name,
                 fmt::format(
                     "{}; number {} of {}", popularity_text(*share.demand), have + 1, share.count
                 )}
            );
        }
    }
    return plan;
}

}  // namespace kiln::cache
