#include "local/local_cloud.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "os/spawn.hpp"

namespace kiln::local {

LocalCloud::LocalCloud(
    const std::filesystem::path& folder,
    ports::Catalog& catalog,
    ports::Ledger& ledger,
    ports::Clock& clock,
    Settings settings
)
    : shared_{folder, catalog, ledger, clock, std::move(settings)},
      volumes_{shared_},
      attachments_{shared_},
      snapshots_{shared_},
      images_{shared_},
      tags_{shared_} {}

ports::Cloud LocalCloud::cloud() {
    return {"local", volumes_, attachments_, snapshots_, images_, tags_};
}

std::optional<std::string> LocalCloud::check(const LayerId& id) {
    const auto path = shared_.files.path(id);
    if (!shared_.files.exists(id)) {
        return "the file '" + path.string() + "' is missing";
    }
    const auto result =
        os::run_captured({.argv = {"qemu-img", "check", "-q", "-f", "qcow2", path.string()}});
    if (result.status.ok()) {
        return std::nullopt;
    }
    const std::string words = result.out + result.err;
    return "qemu-img check: " + (words.empty() ? result.status.describe() : words);
}

LentDisk LocalCloud::lend(const JobId& owner, const VolumeId& volume) {
    return LentDisk::lend(shared_, owner, volume);
}

std::filesystem::path LocalCloud::file_of(const SnapshotId& id) const {
    return shared_.files.path(shared_.snapshot(id).layer);
}

std::vector<std::filesystem::path> LocalCloud::files_of(const SnapshotId& id) const {
    std::vector<std::filesystem::path> files;
    for (const auto& layer : shared_.catalog.chain(shared_.snapshot(id).layer)) {
        files.push_back(shared_.files.path(layer.id));
    }
    return files;
}

Bytes LocalCloud::stored(const VolumeId& id) const {
    const auto record = shared_.volume(id);
    const auto layer = record.layer ? shared_.catalog.layer(*record.layer) : std::nullopt;
    const bool own = layer && !layer->frozen;
    return own ? os::allocated_size(shared_.files.path(layer->id)) : Bytes{};
}

}  // namespace kiln::local
