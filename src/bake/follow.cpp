#include "bake/follow.hpp"

#include "base/log.hpp"

#include <array>
#include <cerrno>
#include <limits>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace kiln::bake {

namespace {
constexpr std::uint32_t kEvents =
    IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE | IN_DELETE_SELF;
/// A change that inotify cannot report (a folder on another host) is noticed after this long.
constexpr std::chrono::seconds kLookAgain{2};
}  // namespace

void notify_followers(const std::filesystem::path& folder) noexcept {
    try {
        os::write_all(
            os::open_file(folder / kNotifyFile, O_WRONLY | O_CREAT | O_TRUNC, 0600), "\n"
        );
    } catch (const std::exception& error) {
        log_debug("followers not told", {{"folder", folder.string()}, {"error", error.what()}});
    }
}

void announce(const std::filesystem::path& folder) noexcept {
    std::error_code ignored;  // they look again by themselves
    std::filesystem::last_write_time(
        folder, std::filesystem::file_time_type::clock::now(), ignored
    );
}

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

namespace {

/// What changes when a bake goes on: its folder, or, while it waits, the folder that gets one.
std::filesystem::path place_to_watch(const World& world, const ports::BakeRecord& record) {
    return record.state == ports::BakeState::running ? world.run_folder / record.job.str()
                                                     : world.run_folder;
}

bool is_reached(Baker::Until until, const ports::BakeRecord& record) {
    switch (until) {
        case Baker::Until::newest:
            return true;
        case Baker::Until::nobody_works:
            return record.state != ports::BakeState::running;
        case Baker::Until::over:
            return record.ended.has_value();
    }
    return true;
}

}  // namespace

ports::BakeRecord Baker::follow_pages(
    const BakeId& id,
    ports::EventPlace after,
    Until until,
    const PageSink& sink,
    const std::stop_token& stop
) {
    constexpr std::size_t kPage = 500;
    const os::StopFd stop_fd{stop};
    std::optional<FolderWatch> watch;
    std::filesystem::path watched;
    for (;;) {
        auto record = world_.bakes.get(id);  // before its events: an end is never missed
        const auto events = world_.bakes.events(id, after, kPage);
        if (!events.empty()) {
            after = events.back().place();
            sink(events);
        }
        if (events.size() == kPage) {
            continue;
        }
        if (is_reached(until, record)) {
            return record;
        }
        if (record.state == ports::BakeState::running && !world_.holder_alive(record.holder)) {
            end_orphan(record);
            continue;
        }
        if (const auto place = place_to_watch(world_, record); !watch || watched != place) {
            watch.emplace(place);
            watched = place;
            continue;  // what changed before the watch began is seen by another look
        }
        if (watch->wait(&stop_fd, Deadline::after(kLookAgain)) == os::Ready::stopped) {
            os::throw_if_stopped(stop, "following the bake");
        }
    }
}

void Baker::replay(
    const BakeId& id,
    const ports::EventPlace& after,
    Follow follow,
    const EventSink& sink,
    const std::stop_token& stop
) {
    (void)follow_pages(
        id,
        after,
        follow == Follow::no ? Until::newest : Until::over,
        [&](const std::vector<ports::BakeEvent>& events) {
            for (const auto& event : events) {
                sink(id, event);
            }
        },
        stop
    );
}

ports::BakeRecord Baker::settle(const BakeId& id, const std::stop_token& stop) {
    const auto record = world_.bakes.get(id);
    const auto newest = ports::EventPlace{record.attempt, std::numeric_limits<std::int64_t>::max()};
    return follow_pages(
        id, newest, Until::nobody_works, [](const std::vector<ports::BakeEvent>&) {}, stop
    );
}

void Baker::cancel(const BakeId& id, const std::stop_token& stop) {
    for (bool asked = false;; asked = true) {
        const auto record = world_.bakes.get(id);
        if (record.ended) {
            if (asked) {
                return;
            }
            throw Error{
                ErrorKind::conflict,
                "bake " + id.str() + " is over: " + std::string{ports::to_string(record.state)}};
        }
        if (record.state == ports::BakeState::queued) {
            cancel_waiting(record);
        } else {
            cancel_running(record);
            (void)settle(id, stop);
        }
    }
}

void Baker::ask_to_end(const BakeId& id) {
    auto record = world_.bakes.get(id);
    if (record.ended) {
        throw Error{
            ErrorKind::conflict,
            "bake " + id.str() + " is over: " + std::string{ports::to_string(record.state)}};
    }
    if (record.state == ports::BakeState::queued) {
        cancel_waiting(record);
        record = world_.bakes.get(id);
    }
    if (record.state == ports::BakeState::running) {
        cancel_running(record);
    }
}

void Baker::cancel_waiting(const ports::BakeRecord& record) {
    try {
        refuse(
            world_.bakes,
            world_.clock,
            {record.id, record.attempt + 1},
            "queue",
            Error{ErrorKind::cancelled, "it was cancelled while it waited"}
        );
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::conflict) {
            throw;
        }
        // Its turn came at this moment.
    }
}

void Baker::cancel_running(const ports::BakeRecord& record) {
    try {
        os::write_file_durably(world_.run_folder / record.job.str() / kCancelFile, "");
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found) {
            throw;
        }
    }
}

}  // namespace kiln::bake
