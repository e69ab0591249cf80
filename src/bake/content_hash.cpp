#include "archive/member_path.hpp"
#include "archive/tree_walk.hpp"
#include "bake/request.hpp"
#include "base/sha256.hpp"
#include "os/fd.hpp"

#include <cerrno>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::bake {

namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20;

using archive::WalkEntry;

[[noreturn]] void refuse(const WalkEntry& entry, std::string_view what) {
    throw Error{
        ErrorKind::invalid,
        fmt::format(
            "{} is {}; a bootstrap may hold files, folders and symbolic links",
            archive::shown_name(entry.path),
            what
        )};
}

void add_file(Sha256& hash, const WalkEntry& entry, std::string& buffer) {
    const os::Fd file{
        ::openat(entry.folder, entry.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (!file) {
        throw_errno(fmt::format("open {}", archive::shown_name(entry.path)));
    }
    hash.field(std::to_string(entry.status.st_size));
    buffer.resize(kBlock);
    auto left = static_cast<std::uint64_t>(entry.status.st_size);
    for (;;) {
        const auto got = ::read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            throw_errno(fmt::format("read {}", archive::shown_name(entry.path)));
        }
        const auto size = static_cast<std::uint64_t>(got);
        if (size > left || (size == 0 && left > 0)) {
            throw Error{
                ErrorKind::conflict,
                fmt::format("{} changes while it is read", archive::shown_name(entry.path))};
        }
        if (size == 0) {
            return;
        }
        hash.update({buffer.data(), size});
        left -= size;
    }
}

void add_link(Sha256& hash, const WalkEntry& entry) {
    std::string target(static_cast<std::size_t>(entry.status.st_size) + 1, '\0');
    const auto size = ::readlinkat(entry.folder, entry.name.c_str(), target.data(), target.size());
    if (size < 0) {
        throw_errno(fmt::format("read link {}", archive::shown_name(entry.path)));
    }
    hash.field(std::string_view{target}.substr(0, static_cast<std::size_t>(size)));
}

}  // namespace

std::string content_hash(const std::filesystem::path& folder) {
    Sha256 hash;
    hash.field("kiln content 1");
    std::string buffer;
    archive::walk_tree(
        folder,
        archive::Mounts::enter,
        [&](const WalkEntry& entry) {
            hash.field(entry.path);
            const auto mode = entry.status.st_mode;
            if (S_ISREG(mode)) {
                hash.field((mode & 0111) != 0 ? "program" : "file");
                add_file(hash, entry, buffer);
            } else if (S_ISDIR(mode)) {
                hash.field("folder");
            } else if (S_ISLNK(mode)) {
                hash.field("link");
                add_link(hash, entry);
            } else if (S_ISSOCK(mode)) {
                refuse(entry, "a socket");
            } else if (S_ISFIFO(mode)) {
                refuse(entry, "a FIFO");
            } else {
                refuse(entry, "a device");
            }
        },
        {}
    );
    return hash.finish();
}

}  // namespace kiln::bake
