#include "bake/follow.hpp"

#include "base/log.hpp"

#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace kiln::bake {

namespace {
constexpr std::uint32_t kEvents =
    IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE | IN_DELETE_SELF;
/// A change that inotify cannot report (a folder on another host) is noticed after this long.
constexpr std::chrono::seconds kLookAgain{2};
}  // namespace

FolderWatch::FolderWatch(const std::filesystem::path& folder) {
    os::Fd fd{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
    if (fd && ::inotify_add_watch(fd.get(), folder.c_str(), kEvents) >= 0) {
        inotify_ = std::move(fd);
    }
}

os::Ready FolderWatch::wait(const os::StopFd* stop, Deadline deadline) {
    // Without a watch this is a wait for `stop` and the deadline alone: poll(2) skips descriptor
    // -1.
    const auto ready = os::wait_ready(inotify_.get(), POLLIN, stop, deadline);
    if (ready == os::Ready::yes) {
        std::array<char, 4096> ignored{};
        while (::read(inotify_.get(), ignored.data(), ignored.size()) > 0) {
        }
    }
    return ready;
}

CancelWatch::CancelWatch(const std::filesystem::path& folder, std::stop_source source)
    : thread_{[folder, source, quit = quit_.get_token()]() mutable {
          try {
              const os::StopFd stop{quit};
              FolderWatch watch{folder};
              while (watch.watching() && !stop.stopped()) {
                  if (std::filesystem::exists(folder / kCancelFile)) {
                      source.request_stop();
                      return;
                  }
                  (void)watch.wait(&stop, Deadline::never());
              }
          } catch (const std::exception& error) {
              log_warning("cancel requests are not seen", {{"error", error.what()}});
          }
      }} {}

CancelWatch::~CancelWatch() {
    quit_.request_stop();
    thread_.join();
}

void Baker::replay(
    const BakeId& id,
    std::int64_t after,
    Follow follow,
    const EventSink& sink,
    const std::stop_token& stop
) {
    constexpr std::size_t kPage = 500;
    const os::StopFd stop_fd{stop};
    const auto job = world_.bakes.get(id).job;
    FolderWatch watch{world_.run_folder / job.str()};
    for (;;) {
        const auto record = world_.bakes.get(id);  // before its events: an end is never missed
        const auto events = world_.bakes.events(id, after, kPage);
        for (const auto& event : events) {
            sink(id, event);
            after = event.sequence;
            if (event.final) {
                return;
            }
        }
        if (events.size() == kPage) {
            continue;
        }
        if (record.state != ports::BakeState::running || follow == Follow::no) {
            return;
        }
        if (!world_.holder_alive(record.holder)) {
            end_orphan(record);
            continue;
        }
        if (watch.wait(&stop_fd, Deadline::after(kLookAgain)) == os::Ready::stopped) {
            os::throw_if_stopped(stop, "following the bake");
        }
    }
}

void Baker::cancel(const BakeId& id, const std::stop_token& stop) {
    const auto record = world_.bakes.get(id);
    if (record.state != ports::BakeState::running) {
        throw Error{
            ErrorKind::conflict,
            "bake " + id.str() + " is over: " + std::string{ports::to_string(record.state)}};
    }
    try {
        os::write_file_durably(world_.run_folder / record.job.str() / kCancelFile, "");
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found) {
            throw;
        }
    }
    replay(
        id, 0, Follow::yes, [](const BakeId&, const ports::BakeEvent&) {}, stop
    );
}

}  // namespace kiln::bake
