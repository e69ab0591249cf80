#include "jail/mount_points.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "jail/operations.hpp"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::jail {

namespace {

using Type = os::GuestRoot::Type;

[[noreturn]] void refuse(const std::string& path, std::string_view what, std::string_view wanted) {
    throw Error{
        ErrorKind::invalid,
        fmt::format(
            "the jail could not be set up: the image's '{}' is {}, not {}", path, what, wanted
        )};
}

}  // namespace

MountPoints::MountPoints(const JailPlan& plan) : guest_{plan.root}, plan_{plan} {
    try {
        for (const auto& path : own_mount_points()) {
            prepare(path, Kind::folder);
        }
        for (const auto& bind : plan.binds) {
            prepare(
                bind.inside, std::filesystem::is_directory(bind.host) ? Kind::folder : Kind::file
            );
        }
    } catch (...) {
        take_back();
        throw;
    }
}

MountPoints::~MountPoints() {
    take_back();
}

void MountPoints::prepare(const std::string& path, Kind kind) {
    const auto covered = [&](const std::string& place) {
        return on_own_tmpfs(place) ||
               std::ranges::any_of(plan_.binds, [&](const JailPlan::Bind& bind) {
                   return bind.inside == place && place != path;
               });
    };
    std::filesystem::path part{"/"};
    for (const auto& name : std::filesystem::path{path}.relative_path()) {
        part /= name;
        if (covered(part.string())) {  // from here on it is not the image's
            return;
        }
        prepare_part(part.string(), part == path ? kind : Kind::folder);
    }
}

void MountPoints::prepare_part(const std::string& path, Kind kind) {
    switch (guest_.status(path).type) {
        case Type::link:
            refuse(
                path, fmt::format("a link to '{}'", guest_.read_link(path)), "a place to mount on"
            );
        case Type::folder:
            if (kind == Kind::file) {
                refuse(path, "a folder", "a file");
            }
            return;
        case Type::file:
        case Type::other:
            if (kind == Kind::folder) {
                refuse(path, "a file", "a folder");
            }
            return;
        case Type::none:
            break;
    }
    const auto parent = std::filesystem::path{path}.parent_path().string();
    FolderTimes times{guest_.open(parent, O_RDONLY | O_DIRECTORY)};
    if (kind == Kind::folder) {
        guest_.make_folder(path);
    } else {
        (void)guest_.open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
    }
    times.mark();
    made_.push_back({std::move(times), path, kind});
}

void MountPoints::take_back() noexcept {
    for (const auto& made : made_ | std::views::reverse) {
        try {
            const auto name = std::filesystem::path{made.path}.filename();
            const bool touched = made.parent.touched();
            const int flags = made.kind == Kind::folder ? AT_REMOVEDIR : 0;
            if (::unlinkat(made.parent.folder(), name.c_str(), flags) == 0 && !touched) {
                made.parent.restore();
            }
        } catch (const std::exception& error) {
            log_warning(
                "an empty mount point stays in the image",
                {{"path", made.path}, {"error", error.what()}, {"next", "nothing, it does no harm"}}
            );
        }
    }
    made_.clear();
}

}  // namespace kiln::jail
