#include "api/event_hub.hpp"

#include "api/event_loop.hpp"
#include "base/log.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

namespace kiln::api {

EventHub::EventHub(
    ports::BakeStore& bakes, std::filesystem::path run_folder, EventHubSettings settings
)
    : wake_{std::make_shared<const os::Fd>(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))} {
    if (!*wake_) {
        throw_errno("make an eventfd");
    }
    auto loop = std::make_unique<Loop>(*this, bakes, std::move(run_folder), settings);
    thread_ = std::thread{[loop = std::move(loop)] {
        try {
            loop->run();
        } catch (const std::exception& error) {
            log_error("events of bakes are not streamed any more", {{"error", error.what()}});
        }
    }};
}

EventHub::~EventHub() {
    close();
    thread_.join();
}

void EventHub::wake() noexcept {
    const std::uint64_t one = 1;
    (void)!::write(wake_->get(), &one, sizeof one);
}

void EventHub::follow(const BakeId& bake, Follower follower) {
    {
        auto inbox = inbox_.lock();
        if (inbox->closed) {
            follower.stream.close();
            return;
        }
        ++followers_;
        inbox->arrived.emplace_back(bake, std::move(follower));
    }
    wake();
}

void EventHub::poke(const BakeId& bake) noexcept {
    if (followers_ == 0) {
        return;  // whoever comes later reads what is there by then
    }
    try {
        inbox_.lock()->poked.insert(bake);
    } catch (const std::bad_alloc&) {
        return;  // the next one, or the keep-alive
    }
    wake();
}

void EventHub::close() {
    inbox_.lock()->closed = true;
    wake();
}

}  // namespace kiln::api
