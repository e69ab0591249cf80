#include "worker/periodic.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "os/interrupt.hpp"

#include <algorithm>

namespace kiln::worker {

Timetable::Timetable(std::vector<std::chrono::milliseconds> periods, Time now)
    : periods_{std::move(periods)} {
    for (const auto& period : periods_) {
        KILN_CHECK(period > std::chrono::milliseconds{0});
        due_.push_back(now + period);
    }
}

Timetable::Time Timetable::next() const {
    return due_.empty() ? Time::max() : *std::min_element(due_.begin(), due_.end());
}

std::vector<std::size_t> Timetable::take_due(Time now) {
    std::vector<std::size_t> chores;
    for (std::size_t i = 0; i < due_.size(); ++i) {
        if (due_[i] <= now) {
            chores.push_back(i);
            due_[i] = now + periods_[i];
        }
    }
    return chores;
}

Periodic::Periodic(std::vector<Chore> chores)
    : chores_{std::move(chores)}, thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void Periodic::run(const std::stop_token& stop) {
    std::vector<std::chrono::milliseconds> periods;
    for (const auto& chore : chores_) {
        periods.push_back(chore.every);
    }
    const os::StopFd stop_fd{stop};
    Timetable timetable{std::move(periods), std::chrono::steady_clock::now()};
    for (;;) {
        const auto left = timetable.next() - std::chrono::steady_clock::now();
        if (os::wait_ready(-1, 0, &stop_fd, Deadline::after(left)) == os::Ready::stopped) {
            return;
        }
        for (const auto index : timetable.take_due(std::chrono::steady_clock::now())) {
            const auto& chore = chores_[index];
            try {
                chore.work(stop);
            } catch (const std::exception& error) {
                if (!stop.stop_requested()) {
                    log_warning(
                        "chore failed; done again later",
                        {{"chore", chore.name}, {"error", error.what()}}
                    );
                }
            }
        }
    }
}

}  // namespace kiln::worker
