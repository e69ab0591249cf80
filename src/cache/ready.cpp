#include "cache/ready.hpp"

#include "base/log.hpp"
#include "os/files.hpp"

#include <algorithm>
#include <chrono>

#include <fcntl.h>
#include <sys/stat.h>

namespace kiln::cache {

namespace {

constexpr std::chrono::minutes kPatience{2};

}  // namespace

Ready prepare(
    const World& world,
    const JobId& job,
    const Wanted& what,
    const std::string& word,
    const std::stop_token& stop
) {
    const auto deadline = Deadline::after(kPatience);
    const auto folder = world.run_folder / job.str();
    const auto target = folder / "root";
    world.ledger.intend(job, {{ports::ResourceKind::folder, folder.string()}});
    std::filesystem::create_directories(target);
    Ready ready;
    ports::VolumeSpec spec;
    spec.owner = job;
    spec.snapshot = what.snapshot;
    spec.size = what.size;
    spec.tags = {{kTag, word}};
    ready.volume = world.cloud.volumes.create(spec, deadline);
    ready.attached = world.cloud.attachments.attach({job, ready.volume.id, folder}, deadline);
    world.ledger.intend(job, {{ports::ResourceKind::mount, target.string()}});
    disk::MountedRoot::Options options;
    options.grow = what.size.has_value();
    ready.root =
        disk::MountedRoot::mount(ready.attached->device(), target, options, stop, deadline);
    return ready;
}

Bytes read_in(const std::vector<std::filesystem::path>& files, Bytes budget) {
    Bytes asked;
    for (const auto& path : files) {
        if (asked >= budget) {
            break;
        }
        try {
            const auto file = os::open_file(path, O_RDONLY);

            struct stat status {};

            if (::fstat(file.get(), &status) != 0) {
                throw_errno("look at '" + path.string() + "'");
            }
            const Bytes size{static_cast<std::uint64_t>(status.st_size)};
            const Bytes part = std::min(size, budget - asked);
            const int error =
                ::posix_fadvise(file.get(), 0, static_cast<off_t>(part.count), POSIX_FADV_WILLNEED);
            if (error != 0) {
                throw Error::from_errno(error, "read '" + path.string() + "' in");
            }
            asked += part;
        } catch (const Error& error) {
            log_debug("not read in", {{"path", path.string()}, {"why", error.message()}});
        }
    }
    return asked;
}

}  // namespace kiln::cache
