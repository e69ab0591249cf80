#include "ports/testing/memory_volume_cache.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace kiln::ports::testing {

void MemoryVolumeCache::put(const JobId& from, const CachedVolume& volume) {
    auto volumes = volumes_.lock();
    const bool known = std::any_of(volumes->begin(), volumes->end(), [&](const auto& other) {
        return other.volume == volume.volume;
    });
    if (known) {
        throw Error{
            ErrorKind::conflict, "the cache has volume " + volume.volume.str() + " already"};
    }
    volumes->push_back(volume);
    std::vector<Resource> left;
    for (const auto& entry : ledger_.entries()) {
        const auto kind = entry.resource.kind;
        if (entry.job == from && (kind == ResourceKind::volume || kind == ResourceKind::layer)) {
            left.push_back(entry.resource);
        }
    }
    ledger_.release(from, left);
}

std::optional<CachedVolume> MemoryVolumeCache::claim(
    const JobId& to, const SnapshotId& snapshot, const std::optional<Bytes>& size
) {
    auto volumes = volumes_.lock();
    const auto at = std::find_if(volumes->begin(), volumes->end(), [&](const auto& volume) {
        return volume.snapshot == snapshot && volume.size == size;
    });
    if (at == volumes->end()) {
        return std::nullopt;
    }
    const auto claimed = *at;
    volumes->erase(at);
    ledger_.intend(to, {{ResourceKind::volume, claimed.volume.str()}});
    return claimed;
}

bool MemoryVolumeCache::take(const JobId& to, const VolumeId& volume) {
    auto volumes = volumes_.lock();
    const auto gone =
        std::erase_if(*volumes, [&](const auto& other) { return other.volume == volume; });
    if (gone != 0) {
        ledger_.intend(to, {{ResourceKind::volume, volume.str()}});
    }
    return gone != 0;
}

std::vector<CachedVolume> MemoryVolumeCache::list() {
    return *volumes_.lock();
}

void MemoryVolumeCache::hand_over(const JobId& from, const JobId& to) {
    std::vector<Resource> moved;
    for (const auto& entry : ledger_.entries()) {
        if (entry.job == from) {
            moved.push_back(entry.resource);
        }
    }
    ledger_.release_all(from);
    ledger_.intend(to, moved);
}

}  // namespace kiln::ports::testing
