#include "local/qcow2.hpp"
#include "local/roles.hpp"

namespace kiln::local {

namespace {

Bytes whole_sectors(Bytes size) {
    return Bytes{(size.count + 511) / 512 * 512};
}

void require_good_spec(const ports::VolumeSpec& spec, const Settings& settings) {
    std::vector<Problem> problems = ports::tag_problems(spec.tags, "tags");
    if (!spec.zone.empty() && spec.zone != settings.zone) {
        problems.push_back(
            {"zone",
             "'" + spec.zone + "' does not exist; the zone of this cloud is " + settings.zone}
        );
    }
    if (!spec.snapshot && !spec.size) {
        problems.push_back({"size", "an empty volume needs a size"});
    }
    if (spec.size && (spec.size->count == 0 || *spec.size > kLargestDisk)) {
        problems.push_back({"size", "must be from 1 byte to " + humanize(kLargestDisk)});
    }
    if (!problems.empty()) {
        throw Error{"bad volume", std::move(problems)};
    }
}

}  // namespace

ports::Volume LocalVolumes::create(const ports::VolumeSpec& spec, Deadline) {
    require_good_spec(spec, shared_.settings);
    ports::VolumeRecord record;
    ports::Volume& volume = record.volume;
    if (spec.snapshot) {
        const auto source = shared_.snapshot(*spec.snapshot);
        if (spec.size && *spec.size < source.snapshot.size) {
            throw Error{
                ErrorKind::invalid,
                "a volume of " + humanize(*spec.size) + " is smaller than its snapshot " +
                    spec.snapshot->str() + " of " + humanize(source.snapshot.size)};
        }
        volume.snapshot = spec.snapshot;
        volume.size = source.snapshot.size;
        record.layer = source.layer;
    }
    if (spec.size) {
        volume.size = whole_sectors(*spec.size);
    }
    shared_.refuse_when_full();
    volume.id = VolumeId::random();
    volume.zone = shared_.settings.zone;
    volume.state = ports::VolumeState::available;
    volume.created = shared_.clock.now();
    volume.tags = spec.tags;
    shared_.ledger.intend(spec.owner, {{ports::ResourceKind::volume, volume.id.str()}});
    shared_.catalog.put_volume(record);
    return volume;
}

std::vector<ports::Volume> LocalVolumes::describe(const std::vector<VolumeId>& ids) {
    std::vector<ports::Volume> found;
    if (ids.empty()) {
        for (auto& record : shared_.catalog.volumes()) {
            found.push_back(std::move(record.volume));
        }
    }
    for (const auto& id : ids) {
        found.push_back(shared_.volume(id).volume);
    }
    return found;
}

void LocalVolumes::remove(const VolumeId& id, Deadline) {
    if (!shared_.catalog.volume(id)) {
        shared_.files.forget_lock(id);  // of a removal that was cut short
        return;
    }
    const auto lock = lock_volume(shared_.files, id);
    shared_.catalog.remove_volume(id);
    shared_.files.forget_lock(id);
    (void)shared_.collect_unused();
}

}  // namespace kiln::local
