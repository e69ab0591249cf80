#include "api/folder_watches.hpp"

#include "base/error.hpp"

#include <array>
#include <cstring>

#include <sys/inotify.h>
#include <unistd.h>

namespace kiln::api {

namespace {
constexpr std::uint32_t kEvents =
    IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE | IN_DELETE_SELF | IN_ONLYDIR;
}

FolderWatches::FolderWatches() : inotify_{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)} {
    if (!inotify_) {
        throw_errno("watch folders");
    }
}

std::optional<int> FolderWatches::add(const std::filesystem::path& folder) {
    const int watch = ::inotify_add_watch(inotify_.get(), folder.c_str(), kEvents);
    return watch < 0 ? std::nullopt : std::optional{watch};
}

void FolderWatches::remove(int watch) noexcept {
    (void)::inotify_rm_watch(inotify_.get(), watch);
}

FolderWatches::Changes FolderWatches::take() {
    Changes changes;
    alignas(inotify_event) std::array<char, 16384> buffer{};
    for (auto got = ::read(inotify_.get(), buffer.data(), buffer.size()); got > 0;
         got = ::read(inotify_.get(), buffer.data(), buffer.size())) {
        for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            at += sizeof event + event.len;
            if ((event.mask & IN_Q_OVERFLOW) != 0) {
                changes.all = true;
            } else if ((event.mask & IN_IGNORED) == 0) {
                changes.watches.insert(event.wd);
            }
        }
    }
    return changes;
}

}  // namespace kiln::api
