#include "os/slots.hpp"

#include "base/error.hpp"
#include "os/interrupt.hpp"

#include <array>
#include <cerrno>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace kiln::os {

namespace {

/// A change that inotify does not report (a folder on another host) is noticed after this long.
constexpr std::chrono::seconds kLookAgain{2};

bool try_lock(const Fd& file) {
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
        return true;
    }
    if (errno != EWOULDBLOCK && errno != EINTR) {
        throw_errno("lock a slot for a bake");
    }
    return false;
}

/// The first that is free. Each process begins its look at another slot, so that they do not all
/// meet at the first.
std::optional<Fd> try_slots(std::vector<Fd>& files) {
    const auto first = static_cast<std::size_t>(::getpid()) % files.size();
    for (std::size_t i = 0; i < files.size(); ++i) {
        auto& file = files[(first + i) % files.size()];
        if (try_lock(file)) {
            return std::move(file);
        }
    }
    return std::nullopt;
}

void drain(const Fd& inotify) {
    std::array<char, 4096> ignored{};
    while (::read(inotify.get(), ignored.data(), ignored.size()) > 0) {
    }
}

}  // namespace

Slots::Slots(std::filesystem::path folder, std::size_t count)
    : folder_{std::move(folder)}, count_{count} {
    std::filesystem::create_directories(folder_);
}

Slots::Slot Slots::acquire(const std::stop_token& stop, const std::function<void()>& on_wait)
    const {
    // The files stay open while we wait: each close of one is an event for all who wait, and a
    // waiter that closed after each try would wake the others for ever.
    std::vector<Fd> files;
    for (std::size_t i = 0; i < count_; ++i) {
        files.push_back(open_file(folder_ / fmt::format("slot-{}", i), O_RDWR | O_CREAT, 0600));
    }
    // Without a watch at first: the kernel takes up to 20 ms to end one, and most find a slot at
    // once.
    if (auto slot = try_slots(files)) {
        return Slot{std::move(*slot)};
    }
    on_wait();
    const Fd inotify{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
    if (!inotify || ::inotify_add_watch(inotify.get(), folder_.c_str(), IN_CLOSE_WRITE) < 0) {
        throw_errno(fmt::format("watch '{}'", folder_.string()));
    }
    const StopFd stop_fd{stop};
    for (;;) {
        drain(inotify);
        if (auto slot = try_slots(files)) {
            return Slot{std::move(*slot)};
        }
        if (wait_ready(inotify.get(), POLLIN, &stop_fd, Deadline::after(kLookAgain)) ==
            Ready::stopped) {
            throw_if_stopped(stop, "waiting for other bakes");
        }
    }
}

}  // namespace kiln::os
