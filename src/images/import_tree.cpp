#include "images/import_tree.hpp"

#include "archive/archive.hpp"
#include "base/error.hpp"
#include "disk/root_disk.hpp"
#include "images/container_layers.hpp"
#include "images/oci_layout.hpp"
#include "images/tar_scan.hpp"
#include "os/files.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kiln::images {

namespace {

#if defined(__aarch64__)
constexpr std::string_view kHostArchitecture = "arm64";
#else
constexpr std::string_view kHostArchitecture = "x86_64";
#endif

/// Tars to be unpacked over each other, lowest first, and what they need.
struct Plan {
    std::vector<std::filesystem::path> layers;
    bool container = false;
    std::string architecture;
    Bytes content;
    std::uint64_t entries = 0;
};

Bytes packed_size(const std::filesystem::path& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    return {error ? 0 : size};
}

TarStats scan(const Task& task, const std::filesystem::path& path) {
    return scan_tar(path, task.stop, [&, total = packed_size(path)](Bytes done) {
        task.report("scan", done, total);
    });
}

/// Unpacks the outer tar of a container image into the run folder; its layers stay packed.
std::filesystem::path unpack_container(
    const Task& task, const std::filesystem::path& source, const TarStats& stats
) {
    auto folder = task.folder / "container";
    // Below the run folder, which the ledger has: nothing of it outlives the job.
    std::filesystem::create_directory(folder);
    const auto room = os::free_space(folder);
    if (stats.content > room) {
        throw Error{
            ErrorKind::exhausted,
            fmt::format(
                "the container image needs {} below '{}', which has {}",
                humanize(stats.content),
                task.folder.string(),
                humanize(room)
            )};
    }
    const archive::Limits limits{stats.content, stats.entries};
    (void
    )archive::extract(source, folder, archive::Ownership::ours, limits, task.stop, [&](Bytes done) {
        task.report("unpack", done, packed_size(source));
    });
    return folder;
}

Plan plan_container(const Task& task, ContainerImage image) {
    Plan plan;
    plan.container = true;
    plan.architecture = std::move(image.architecture);
    plan.layers = std::move(image.layers);
    for (const auto& layer : plan.layers) {
        const auto stats = scan(task, layer);
        plan.content += stats.content;
        plan.entries += stats.entries;
    }
    if (plan.layers.empty()) {
        throw Error{ErrorKind::invalid, "the container image has no layers"};
    }
    return plan;
}

Plan make_plan(
    const Task& task,
    const std::filesystem::path& source,
    Format format,
    const ImportRequest& request
) {
    const std::string architecture = request.architecture.value_or(std::string{kHostArchitecture});
    if (format == Format::oci_folder) {
        return plan_container(task, read_oci_layout(task, source, request.reference, architecture));
    }
    const auto stats = scan(task, source);
    switch (tar_kind(stats)) {
        case TarKind::oci_layout:
            return plan_container(
                task,
                read_oci_layout(
                    task, unpack_container(task, source, stats), request.reference, architecture
                )
            );
        case TarKind::docker_archive:
            return plan_container(
                task, read_docker_archive(unpack_container(task, source, stats), request.reference)
            );
        case TarKind::root:
            break;
    }
    Plan plan;
    plan.layers = {source};
    plan.content = stats.content;
    plan.entries = stats.entries;
    return plan;
}

void unpack(const Task& task, const Plan& plan, const std::filesystem::path& root) {
    Bytes total;
    for (const auto& layer : plan.layers) {
        total += packed_size(layer);
    }
    // What the scan found is what comes out; a file changed in between is refused, not trusted.
    const archive::Limits limits{plan.content, plan.entries};
    Bytes before;
    for (const auto& layer : plan.layers) {
        const auto progress = [&](Bytes done) {
            task.check("unpack");
            task.report("unpack", before + done, total);
        };
        if (plan.container) {
            apply_layer(layer, root, limits, task.stop, progress);
        } else {
            (void
            )archive::extract(layer, root, archive::Ownership::keep, limits, task.stop, progress);
        }
        before += packed_size(layer);
    }
}

}  // namespace

void refuse_unless_root(const os::GuestRoot& guest) {
    constexpr std::array<std::string_view, 3> kSigns{"/etc", "/usr", "/bin"};
    if (std::any_of(kSigns.begin(), kSigns.end(), [&](auto path) { return guest.exists(path); })) {
        return;
    }
    auto names = guest.list("/");
    std::erase(names, "lost+found");
    names.resize(std::min<std::size_t>(names.size(), 10));
    throw Error{
        ErrorKind::invalid,
        names.empty()
            ? "it holds no root file system: it is empty"
            : fmt::format(
                  "it holds no root file system: neither /etc, /usr nor /bin stands at its "
                  "top, but {}",
                  fmt::join(names, ", ")
              )}
        .hint(
            "pack the root from inside its folder: tar -C DIR --numeric-owner --xattrs -cf "
            "root.tar ."
        );
}

ImportedTree import_tree(
    const Task& task,
    const std::filesystem::path& source,
    Format format,
    const ImportRequest& request
) {
    const auto plan = make_plan(task, source, format, request);
    if (request.size && *request.size < plan.content) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "a volume of {} cannot hold {} of files",
                humanize(*request.size),
                humanize(plan.content)
            )}
            .hint("leave the size out, or ask for a larger one");
    }
    const auto size =
        request.size ? whole_gib(*request.size) : default_size(plan.content, plan.entries);
    ImportedTree imported{ScratchVolume::empty(task, size), plan.architecture};
    task.report("format");
    disk::make_filesystem(imported.volume.device(), "root", task.stop);
    auto root = disk::MountedRoot::mount(
        imported.volume.device(), mount_point(task, "root"), {}, task.stop, task.deadline
    );
    with_cause(imported.volume, [&] {
        unpack(task, plan, root.path());
        refuse_unless_root(os::GuestRoot{root.path()});
        task.report("write out");
        root.unmount();
    });
    return imported;
}

}  // namespace kiln::images
