#include "compute/tests/local_world.hpp"

#include "os/interrupt.hpp"

#include <stdexcept>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace kiln::compute::testing {

namespace {

constexpr std::chrono::minutes kPatience{1};

/// Its end is told by an event.
class FakeGuest final : public Guest {
  public:
    explicit FakeGuest(bool listens)
        : listens_{listens}, event_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}

    [[nodiscard]] int end_fd() const override { return event_.get(); }

    std::optional<GuestEnd> ended() override { return end_; }

    void ask_to_stop() noexcept override {
        if (listens_) {
            end(GuestEnd::What::powered_off);
        }
    }

    void ask_to_reboot() noexcept override {
        if (listens_) {
            end(GuestEnd::What::rebooted);
        }
    }

    void kill() noexcept override { end(GuestEnd::What::failed); }

    [[nodiscard]] std::optional<int> first_process() const override { return 17; }

    [[nodiscard]] std::vector<std::pair<std::uint16_t, std::string>> forwards() const override {
        return {{22, "127.0.0.1:2200"}};
    }

  private:
    void end(GuestEnd::What what) noexcept {
        end_ = GuestEnd{what, ""};
        (void)::eventfd_write(event_.get(), 1);
    }

    bool listens_;
    os::Fd event_;
    std::optional<GuestEnd> end_;
};

std::filesystem::path memory_folder() {
    const std::filesystem::path memory{"/dev/shm"};
    return ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
}

ports::Image known_image(const ImageId& id) {
    ports::Image image;
    image.id = id;
    image.state = ports::ImageState::available;
    image.root_snapshot = SnapshotId::random();
    image.size = Bytes{1U << 30};
    return image;
}

bool passes(ports::InstanceState state) {
    using enum ports::InstanceState;
    return state == pending || state == stopping || state == shutting_down;
}

}  // namespace

std::unique_ptr<Guest> FakeFamily::start(
    const GuestPlan& plan, const std::stop_token& stop, Deadline
) {
    plans_.lock()->push_back(plan);
    const auto behaviour = *behaviour_.lock();
    if (!behaviour.start_fails.empty()) {
        throw Error{ErrorKind::unavailable, behaviour.start_fails};
    }
    if (!behaviour.boots) {
        const os::StopFd stopped{stop};
        (void)os::wait_ready(-1, POLLIN, &stopped, Deadline::after(kPatience));
        throw Error{ErrorKind::cancelled, "it never booted"};
    }
    return std::make_unique<FakeGuest>(behaviour.listens);
}

bool WatchedInstances::replace(const ports::InstanceRecord& record) {
    const bool done = store_.replace(record);
    if (done) {
        if (after_replace) {
            after_replace(record);
        }
        ++*changes_.lock();
        changed_.notify_all();
    }
    return done;
}

void WatchedInstances::wait_until(const std::function<bool()>& so) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
        const int seen = *changes_.lock();
        if (so()) {
            return;
        }
        auto changes = changes_.lock();
        if (!changed_.wait_until(changes.raw(), end, [&] { return *changes != seen; })) {
            throw std::runtime_error{"not within a minute"};
        }
    }
}

std::vector<ports::Image> KnownImages::describe(const ports::ImageFilter& filter) {
    for (const auto& id : filter.ids) {
        if (id != image_.id) {
            throw Error{ErrorKind::not_found, "there is no image " + id.str()};
        }
    }
    return {image_};
}

LocalWorld::LocalWorld()
    : folder_{os::TempDir::unique(memory_folder(), "kiln-compute")},
      store_{folder_.path()},
      images_{known_image(image_)},
      machines_{world(holder_)} {
    alive_.lock()->insert(holder_);
}

LocalWorld::~LocalWorld() {
    std::list<std::jthread> ending;
    ending.swap(*keepers_.lock());
    for (auto& keeper : ending) {
        keeper.request_stop();
    }
}

World LocalWorld::world(const HolderId& holder) {
    return {
        .instances = instances,
        .keys = keys_,
        .groups = groups_,
        .cloud = roles_,
        .ledger = ledger_,
        .clock = clock,
        .holder = holder,
        .run_folder = folder_.path() / "run",
        .folder = folder_.path() / "instances",
        .network = home_network(folder_.path().string()),
        .holder_alive = [this](const HolderId& id) { return alive_.lock()->contains(id); },
        .undo_job = [this](const JobId& job) { ledger_.release_all(job); },
        .sweep = [] {},
        .start_keeper = [this](const InstanceId& id) { start(id); },
    };
}

void LocalWorld::start(const InstanceId& id) {
    if (start_keeper) {
        start_keeper(id);
        return;
    }
    keepers_.lock()->emplace_back([this, id](const std::stop_token& stop) { keep(id, stop); });
}

void LocalWorld::keep(const InstanceId& id, const std::stop_token& stop) {
    const auto holder = HolderId::random();
    alive_.lock()->insert(holder);
    Keeper keeper{world(holder), {family, nullptr}, id};
    keeper.run(stop);
    alive_.lock()->erase(holder);
}

ports::Instance LocalWorld::look(const InstanceId& id) {
    ports::InstanceFilter filter;
    filter.ids = {id};
    return machines().instances.describe(filter).front();
}

ports::Instance LocalWorld::settled(const InstanceId& id) {
    instances.wait_until([&] { return !passes(look(id).state); });
    return look(id);
}

}  // namespace kiln::compute::testing
