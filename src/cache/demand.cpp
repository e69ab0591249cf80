#include "cache/demand.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace kiln::cache {

namespace {

/// The value of `key` in a JSON object, or null.
const json::value* member(const json::value& value, std::string_view key) {
    const auto* object = value.if_object();
    return object != nullptr ? object->if_contains(key) : nullptr;
}

/// The size that the request asks for.
std::optional<Bytes> size_of(const json::value& request) {
    const auto* volume = member(request, "volume");
    const auto* gib = volume != nullptr ? member(*volume, "size_gib") : nullptr;
    if (gib == nullptr || !gib->is_number()) {
        return std::nullopt;
    }
    return Bytes{gib->to_number<std::uint64_t>() << 30};
}

/// "hot", "hit", "miss", "checkpoint"; "" where the record does not say.
std::string_view volume_word(const ports::BakeRecord& bake) {
    const auto* word = member(bake.result, "volume_from");
    return word != nullptr && word->is_string() ? std::string_view{word->get_string()}
                                                : std::string_view{};
}

/// Of a parent that no volume can be made ready of: the bake ended before its bootstrap began.
bool failed_to_mount(const ports::BakeRecord& bake) {
    const auto* error = member(bake.result, "error");
    const auto* step = error != nullptr ? member(*error, "step") : nullptr;
    return step != nullptr && step->is_string() &&
           (step->get_string() == "attach" || step->get_string() == "mount");
}

double weight(Duration age, Duration half_life) {
    if (age <= Duration{0} || half_life <= Duration{0}) {
        return 1.0;  // of a clock that was set back
    }
    return std::exp2(-(seconds_of(age) / seconds_of(half_life)));
}

}  // namespace

std::vector<Demand> measure_demand(
    const std::vector<ports::BakeRecord>& bakes,
    const std::vector<ports::Image>& images,
    Duration half_life,
    TimePoint now
) {
    std::map<ImageId, const ports::Image*> known;
    for (const auto& image : images) {
        known.emplace(image.id, &image);
    }
    std::map<Wanted, Demand> demands;
    for (const auto& bake : bakes) {
        const auto image = known.find(bake.parent);
        if (image == known.end() || volume_word(bake) == "checkpoint" || failed_to_mount(bake)) {
            continue;
        }
        const Wanted what{image->second->root_snapshot, size_of(bake.request)};
        auto& demand = demands[what];
        demand.what = what;
        demand.image = image->first;
        demand.name = image->second->name;
        demand.popularity += weight(now - bake.created, half_life);
        demand.bakes += 1;
        demand.last = std::max(demand.last, bake.created);
    }
    std::vector<Demand> sorted;
    for (auto& [what, demand] : demands) {
        sorted.push_back(std::move(demand));
    }
    std::sort(sorted.begin(), sorted.end(), [](const Demand& a, const Demand& b) {
        return std::tie(b.popularity, b.last, a.what) < std::tie(a.popularity, a.last, b.what);
    });
    return sorted;
}

double Usage::hit_rate() const noexcept {
    return asked() == 0 ? 0.0 : static_cast<double>(hot + hits) / static_cast<double>(asked());
}

Usage measure_usage(const std::vector<ports::BakeRecord>& bakes) {
    Usage usage;
    for (const auto& bake : bakes) {
        const auto word = volume_word(bake);
        usage.hot += word == "hot" ? 1U : 0U;
        usage.hits += word == "hit" ? 1U : 0U;
        usage.misses += word == "miss" ? 1U : 0U;
    }
    return usage;
}

}  // namespace kiln::cache
