#include "images/import.hpp"

#include "base/error.hpp"
#include "base/fault.hpp"
#include "base/sha256.hpp"
#include "disk/root_disk.hpp"
#include "images/import_disk.hpp"
#include "images/import_tree.hpp"
#include "images/scratch_volume.hpp"
#include "inspect/os_release.hpp"
#include "os/fd.hpp"
#include "os/guest_root.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::images {

namespace {

constexpr Bytes kLargest{std::uint64_t{64} << 40};  // EBS' largest volume
constexpr std::array<std::string_view, 2> kArchitectures{"x86_64", "arm64"};

void check_name_is_free(const Task& task, const std::string& name) {
    ports::ImageFilter filter;
    filter.names = {name};  // no wildcard is in a name's alphabet
    if (const auto taken = task.cloud.images.describe(filter); !taken.empty()) {
        throw Error{
            ErrorKind::conflict, fmt::format("image {} has the name '{}'", taken[0].id.str(), name)}
            .hint("choose another name, or rename or remove that image");
    }
}

void check_sum(const Task& task, const ImportRequest& request) {
    if (!request.sha256) {
        return;
    }
    const auto fd = os::open_file(request.source, O_RDONLY);
    const Bytes total{std::filesystem::file_size(request.source)};
    Sha256 hash;
    Bytes done;
    std::string block(1U << 20, '\0');
    for (;;) {
        task.check("check the source's checksum");
        const auto got = ::read(fd.get(), block.data(), block.size());
        if (got < 0) {
            throw_errno(fmt::format("read '{}'", request.source.string()));
        }
        if (got == 0) {
            break;
        }
        hash.update(std::string_view{block}.substr(0, static_cast<std::size_t>(got)));
        done += Bytes{static_cast<std::uint64_t>(got)};
        task.report("checksum", done, total);
    }
    if (const auto found = hash.finish(); found != *request.sha256) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "'{}' has the SHA-256 {}, not {}", request.source.string(), found, *request.sha256
            )};
    }
}

/// What the mounted root says of itself.
struct Looked {
    std::optional<std::string> architecture;
    std::string system;  ///< "Debian GNU/Linux 12 (bookworm)"
};

/// Mounts the root as a bake would, which proves that it can be. Read-write, so that a journal that
/// was not empty is played back once and for all.
Looked look_at_root(const Task& task, ScratchVolume& volume) {
    auto root = disk::MountedRoot::mount(
        volume.device(), mount_point(task, "check"), {}, task.stop, task.deadline
    );
    Looked looked;
    {
        const os::GuestRoot guest{root.path()};  // closed before the unmount
        refuse_unless_root(guest);
        looked.architecture = inspect::read_architecture(guest);
        const auto release = inspect::read_os_release(guest);
        looked.system = release ? release->pretty_name : "Linux";
    }
    root.unmount();
    return looked;
}

std::string choose_architecture(
    const ImportRequest& request, const Looked& looked, std::string said
) {
    if (request.architecture) {
        return *request.architecture;
    }
    auto found = looked.architecture.value_or(std::move(said));
    if (std::find(kArchitectures.begin(), kArchitectures.end(), found) == kArchitectures.end()) {
        throw Error{
            ErrorKind::invalid,
            found.empty() ? "the image's architecture could not be told from its programs"
                          : fmt::format("the image is for {}; images are x86_64 or arm64", found)}
            .hint("say it with --architecture x86_64 or arm64");
    }
    return found;
}

/// Puts the source's content on a new volume.
struct Filled {
    ScratchVolume volume;
    std::string architecture;  ///< what a container image says, ""
};

Filled fill(const Task& task, const ImportRequest& request, Format format) {
    const auto source = std::filesystem::absolute(request.source).lexically_normal();
    switch (format) {
        case Format::tar:
        case Format::oci_folder: {
            auto filled = import_tree(task, source, format, request);
            return {std::move(filled.volume), std::move(filled.architecture)};
        }
        case Format::raw:
        case Format::qcow2:
        case Format::vmdk:
        case Format::vhdx:
        case Format::vdi:
            return {import_disk(task, source, format, request.size), ""};
    }
    KILN_CHECK(false);
}

}  // namespace

std::vector<Problem> problems_of(const ImportRequest& request) {
    auto problems = ports::tag_problems(request.tags, "tags");
    if (auto problem = ports::image_name_problem(request.name)) {
        problems.push_back({"name", std::move(*problem)});
    }
    if (request.architecture &&
        std::find(kArchitectures.begin(), kArchitectures.end(), *request.architecture) ==
            kArchitectures.end()) {
        problems.push_back(
            {"architecture",
             fmt::format("'{}' is unknown; use x86_64 or arm64", *request.architecture)}
        );
    }
    if (request.size && (request.size->count == 0 || *request.size > kLargest)) {
        problems.push_back({"size", fmt::format("must be from 1 byte to {}", humanize(kLargest))});
    }
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (request.sha256 && (request.sha256->size() != 64 ||
                           !std::all_of(request.sha256->begin(), request.sha256->end(), is_hex))) {
        problems.push_back({"sha256", "must be 64 lower-case hex digits"});
    }
    return problems;
}

ports::Image import_image(const Task& task, const ImportRequest& request) {
    if (auto problems = problems_of(request); !problems.empty()) {
        throw Error{"bad import", std::move(problems)};
    }
    const auto format = detect_format_of(request.source);
    if (format == Format::oci_folder && request.sha256) {
        throw Error{
            ErrorKind::invalid, "a folder has no SHA-256; its blobs are checked by their digests"};
    }
    check_name_is_free(task, request.name);
    check_sum(task, request);
    auto [volume, said] = fill(task, request, format);
    fault_point("import:filled");
    task.report("check");
    const auto looked = look_at_root(task, volume);
    ports::ImageSpec image;
    image.architecture = choose_architecture(request, looked, std::move(said));
    volume.detach();
    task.check("import");
    task.report("snapshot");
    ports::SnapshotSpec snapshot;
    snapshot.owner = task.job;
    snapshot.volume = volume.id();
    snapshot.description = fmt::format("import of {}", request.source.filename().string());
    snapshot.tags = request.tags;
    const auto frozen = task.cloud.snapshots.create(snapshot, task.deadline);
    fault_point("import:frozen");
    task.report("register");
    image.owner = task.job;
    image.name = request.name;
    image.description = request.description.empty() ? looked.system : request.description;
    image.root_snapshot = frozen.id;
    image.tags = request.tags;
    image.shared_with = request.share_with;
    auto registered = task.cloud.images.register_image(image);
    fault_point("import:registered");
    volume.remove();
    task.ledger.release(
        task.job,
        {{ports::ResourceKind::snapshot, frozen.id.str()},
         {ports::ResourceKind::image, registered.id.str()}}
    );
    return registered;
}

}  // namespace kiln::images
