#include "local/early_writeback.hpp"

#include "os/fd.hpp"

#include <chrono>
#include <cstdint>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

namespace kiln::local {

namespace {

/// Long enough that a hundred idle disks cost nothing, short enough that little is left for the
/// sync.
constexpr std::chrono::milliseconds kPeriod{50};
/// Less is written by the sync in a moment; small files that a guest removes again stay in memory.
constexpr std::uint64_t kWorthwhile = std::uint64_t{8} << 20U;

std::uint64_t allocated(const os::Fd& file) {
    struct stat status {};

    constexpr std::uint64_t kBlock = 512;  // of st_blocks, whatever the file system's is
    return ::fstat(file.get(), &status) == 0 ? static_cast<std::uint64_t>(status.st_blocks) * kBlock
                                             : 0;
}

}  // namespace

void EarlyWriteback::follow(const std::filesystem::path& file) {
    {
        const std::scoped_lock lock{mutex_};
        file_ = file;
    }
    changed_.notify_one();
    if (!thread_.joinable()) {
        thread_ = std::jthread{[this](const std::stop_token& stop) { work(stop); }};
    }
}

void EarlyWriteback::work(const std::stop_token& stop) {
    os::Fd file;
    std::uint64_t begun = 0;
    while (!stop.stop_requested()) {
        std::filesystem::path next;
        {
            std::unique_lock lock{mutex_};
            (void)changed_.wait_for(lock, stop, kPeriod, [this] { return !file_.empty(); });
            next = std::exchange(file_, {});
        }
        if (!next.empty()) {
            file = os::Fd{::open(next.c_str(), O_RDONLY | O_CLOEXEC)};
            begun = 0;
            continue;
        }
        const auto now = allocated(file);
        if (now >= begun + kWorthwhile) {
            // An error is kept for those who sync.
            (void)::sync_file_range(file.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
            begun = now;
        }
    }
}

}  // namespace kiln::local
