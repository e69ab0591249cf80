#include "local/shared.hpp"

#include "base/error.hpp"
#include "base/log.hpp"

#include <algorithm>

namespace kiln::local {

Shared::Shared(
    const std::filesystem::path& folder,
    ports::Catalog& the_catalog,
    ports::Ledger& the_ledger,
    ports::Clock& the_clock,
    Settings the_settings
)
    : files{folder},
      catalog{the_catalog},
      ledger{the_ledger},
      clock{the_clock},
      settings{std::move(the_settings)} {}

ports::VolumeRecord Shared::volume(const VolumeId& id) const {
    auto found = catalog.volume(id);
    if (!found) {
        throw Error{ErrorKind::not_found, "volume " + id.str() + " does not exist"};
    }
    return std::move(*found);
}

ports::SnapshotRecord Shared::snapshot(const SnapshotId& id) const {
    auto found = catalog.snapshot(id);
    if (!found) {
        throw Error{ErrorKind::not_found, "snapshot " + id.str() + " does not exist"};
    }
    return std::move(*found);
}

ports::Image Shared::image(const ImageId& id) const {
    ports::ImageFilter filter;
    filter.ids.push_back(id);
    auto found = catalog.images(filter);
    if (found.empty()) {
        throw Error{ErrorKind::not_found, "image " + id.str() + " does not exist"};
    }
    return std::move(found.front());
}

void Shared::refuse_when_full() const {
    const Bytes room = os::free_space(files.folder());
    if (room < settings.free_space_floor) {
        throw Error{
            ErrorKind::exhausted,
            "only " + humanize(room) + " free in '" + files.folder().string() +
                "'; nothing is made below " + humanize(settings.free_space_floor)}
            .hint("free some room, or remove images: kiln image rm, kiln gc");
    }
}

std::vector<LayerId> Shared::collect_unused() const {
    std::vector<LayerId> removed;
    for (bool changed = true; changed;) {
        changed = false;
        for (const LayerId& id : catalog.unused_layers()) {
            try {
                catalog.remove_layer(id);
            } catch (const Error& error) {
                if (error.kind() == ErrorKind::conflict) {
                    continue;  // someone stands on it again
                }
                throw;
            }
            // The row went first: a file without a row is found by reconcile(), a row without its
            // file would be a damaged volume.
            const auto chains = files.lock_chains(os::FileLock::Mode::exclusive);
            files.remove(id);
            removed.push_back(id);
            changed = true;
        }
    }
    return removed;
}

ports::Layer Shared::new_layer(const std::optional<ports::Layer>& backing, Bytes virtual_size)
    const {
    ports::Layer layer;
    layer.id = LayerId::random();
    layer.virtual_size = virtual_size;
    layer.created = clock.now();
    if (backing) {
        layer.backing = backing->id;
        layer.depth = backing->depth + 1;
    }
    return layer;
}

std::shared_ptr<AttachedDisk> Shared::attached(const VolumeId& id) {
    auto map = disks.lock();
    const auto found = map->find(id);
    return found == map->end() ? nullptr : found->second.lock();
}

os::FileLock lock_volume(const LayerFiles& files, const VolumeId& id) {
    auto lock = files.try_lock(id);
    if (!lock) {
        throw Error{ErrorKind::conflict, "volume " + id.str() + " is attached"}.hint(
            "wait until whoever uses it is done; kiln volume show " + id.str()
        );
    }
    return lock;
}

void require_good_tags(const ports::Tags& tags) {
    auto problems = ports::tag_problems(tags, "tags");
    if (!problems.empty()) {
        throw Error{"bad tags", std::move(problems)};
    }
}

void require_accounts(const std::vector<std::string>& accounts, std::string_view where) {
    std::vector<Problem> problems;
    for (const auto& account : accounts) {
        if (account.size() != 12 ||
            !std::ranges::all_of(account, [](char c) { return c >= '0' && c <= '9'; })) {
            problems.push_back(
                {std::string{where}, "'" + account + "' is not an account number of 12 digits"}
            );
        }
    }
    if (!problems.empty()) {
        throw Error{"bad accounts", std::move(problems)};
    }
}

}  // namespace kiln::local
