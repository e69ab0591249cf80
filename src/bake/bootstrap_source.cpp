#include "bake/bootstrap_source.hpp"

#include "archive/archive.hpp"
#include "archive/member_path.hpp"
#include "archive/tree_walk.hpp"
#include "archive/tree_writer.hpp"
#include "base/sha256.hpp"
#include "net/download.hpp"
#include "net/url.hpp"
#include "os/fd.hpp"
#include "os/interrupt.hpp"

#include <cerrno>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::bake {

namespace {

using archive::WalkEntry;

constexpr Bytes kLargestDownload{std::uint64_t{16} << 30};
constexpr archive::Limits kLimits{
    .bytes = {std::uint64_t{64} << 30}, .entries = 1'000'000, .ratio = 1000};
constexpr std::size_t kBlock = std::size_t{1} << 20;

constexpr std::string_view kWhatIsRight =
    "a bootstrap is a folder or a tar (.tar, .tar.gz, .tar.bz2, .tar.xz, .tar.zst)";

std::string hash_of_file(const std::filesystem::path& path, const std::stop_token& stop) {
    const auto file = os::open_file(path, O_RDONLY);
    Sha256 hash;
    hash.field("kiln archive 1");
    std::string buffer(kBlock, '\0');
    for (;;) {
        os::throw_if_stopped(stop, "read the bootstrap");
        const auto got = ::read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && errno != EINTR) {
            throw_errno(fmt::format("read '{}'", path.string()));
        }
        if (got == 0) {
            return hash.finish();
        }
        hash.update({buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))});
    }
}

Bootstrap unpack(
    const std::filesystem::path& file,
    const std::filesystem::path& work_folder,
    const std::stop_token& stop
) {
    Bootstrap bootstrap{work_folder / "bootstrap", hash_of_file(file, stop), true};
    if (::mkdir(bootstrap.folder.c_str(), 0700) != 0) {
        throw_errno(fmt::format("make folder '{}'", bootstrap.folder.string()));
    }
    archive::extract(file, bootstrap.folder, archive::Ownership::ours, kLimits, stop);
    return bootstrap;
}

Bootstrap from_path(
    const Source& source, const std::filesystem::path& work_folder, const std::stop_token& stop
) {
    struct stat status {};

    if (::stat(source.location.c_str(), &status) != 0) {
        throw_errno(fmt::format("bootstrap source '{}'", source.location));
    }
    if (S_ISDIR(status.st_mode)) {
        return {source.location, content_hash(source.location), false};
    }
    if (!S_ISREG(status.st_mode) || source.kind != Source::Kind::archive) {
        throw Error{
            ErrorKind::invalid,
            fmt::format("bootstrap source '{}' is neither; {}", source.location, kWhatIsRight)}
            .hint("put a single script into a folder, and name the folder as the source");
    }
    return unpack(source.location, work_folder, stop);
}

Bootstrap from_url(
    const Source& source,
    const std::filesystem::path& work_folder,
    const std::stop_token& stop,
    Deadline deadline,
    const FetchProgress& progress
) {
    const auto file = work_folder / "bootstrap.download";
    net::download(
        {source.location, source.sha256, kLargestDownload}, file, progress, stop, deadline
    );
    try {
        auto bootstrap = unpack(file, work_folder, stop);
        std::filesystem::remove(file);
        return bootstrap;
    } catch (const Error& error) {
        throw error.while_(fmt::format("bootstrap from {}", net::parse_url(source.location).shown())
        );
    }
}

/// Shares blocks where the file systems can, else copies inside the kernel, else through memory.
Bytes copy_bytes(
    const os::Fd& from, const os::Fd& to, std::uint64_t size, const std::stop_token& stop
) {
    std::uint64_t done = 0;
    bool in_kernel = true;
    std::string buffer;
    while (done < size) {
        os::throw_if_stopped(stop, "copy the bootstrap");
        ssize_t got = 0;
        if (in_kernel) {
            constexpr std::uint64_t kChunk = std::uint64_t{64} << 20;  // so that a stop is heard
            got = ::copy_file_range(
                from.get(), nullptr, to.get(), nullptr, std::min(size - done, kChunk), 0
            );
            if (got < 0 &&
                (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS)) {
                in_kernel = false;
                continue;
            }
        } else {
            buffer.resize(kBlock);
            got = ::read(
                from.get(), buffer.data(), std::min<std::uint64_t>(size - done, buffer.size())
            );
            if (got > 0) {
                os::write_all(to, {buffer.data(), static_cast<std::size_t>(got)});
            }
        }
        if (got < 0 && errno != EINTR) {
            throw_errno("copy");
        }
        if (got == 0) {
            throw Error{ErrorKind::conflict, "it was made shorter while it was copied"};
        }
        done += static_cast<std::uint64_t>(std::max<ssize_t>(got, 0));
    }
    return Bytes{done};
}

std::string link_target(const WalkEntry& entry) {
    std::string target(static_cast<std::size_t>(entry.status.st_size) + 1, '\0');
    const auto size = ::readlinkat(entry.folder, entry.name.c_str(), target.data(), target.size());
    if (size < 0) {
        throw_errno("read link");
    }
    target.resize(static_cast<std::size_t>(size));
    return target;
}

Bytes place(const WalkEntry& entry, archive::TreeWriter& tree, const std::stop_token& stop) {
    archive::Metadata metadata;
    metadata.mode = entry.status.st_mode & 0777;
    metadata.modified = entry.status.st_mtim;
    if (S_ISDIR(entry.status.st_mode)) {
        tree.folder(entry.path, std::move(metadata));
        return {};
    }
    if (S_ISLNK(entry.status.st_mode)) {
        tree.symlink(entry.path, link_target(entry), metadata);
        return {};
    }
    if (!S_ISREG(entry.status.st_mode)) {
        throw Error{ErrorKind::invalid, "it is neither file, folder nor symbolic link"};
    }
    const os::Fd from{
        ::openat(entry.folder, entry.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (!from) {
        throw_errno("open");
    }
    auto to = tree.begin_file(entry.path);
    const auto size = static_cast<std::uint64_t>(entry.status.st_size);
    const auto copied = copy_bytes(from, to, size, stop);
    tree.seal(std::move(to), metadata);
    return copied;
}

}  // namespace

Bootstrap fetch_bootstrap(
    const Source& source,
    const std::filesystem::path& work_folder,
    const std::stop_token& stop,
    Deadline deadline,
    const FetchProgress& progress
) {
    switch (source.kind) {
        case Source::Kind::none:
            return {{}, sha256("kiln no bootstrap 1"), false};
        case Source::Kind::folder:
        case Source::Kind::archive:
            return from_path(source, work_folder, stop);
        case Source::Kind::url:
            return from_url(source, work_folder, stop, deadline, progress);
    }
    return {};
}

Bytes place_bootstrap(
    const std::filesystem::path& folder,
    const os::GuestRoot& guest,
    std::string_view inside,
    const std::stop_token& stop
) {
    Bytes copied;
    archive::TreeWriter tree{
        guest.open(inside, O_PATH | O_DIRECTORY | O_NOFOLLOW), archive::Ownership::ours};
    archive::walk_tree(
        folder,
        archive::Mounts::enter,
        [&](const WalkEntry& entry) {
            try {
                copied += place(entry, tree, stop);
            } catch (const Error& error) {
                throw error.while_(
                    fmt::format("copy bootstrap file {}", archive::shown_name(entry.path))
                );
            }
        },
        stop
    );
    tree.finish();
    return copied;
}

}  // namespace kiln::bake
