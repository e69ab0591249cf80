#include "compute/life.hpp"

#include "ports/instance_rules.hpp"

namespace kiln::compute {

using ports::InstanceRecord;
using ports::InstanceState;
using ports::Wish;

namespace {

/// So often is a start tried that ends with its keeper's death.
constexpr std::int64_t kMostStarts = 3;
/// So long after its launch a keeper may come that has not taken it over; a second one would do no
/// harm, it ends at once.
constexpr std::chrono::seconds kKeeperPatience{30};

void forget_guest(InstanceRecord& record) {
    record.first_process = 0;
    record.forwards.clear();
    record.instance.deadline.reset();
}

void nobody_keeps(InstanceRecord& record) {
    record.keeper.reset();
    record.job.reset();
    record.wish = Wish::none;
    record.force = ports::Force::no;
    forget_guest(record);
}

Ended let_go(InstanceRecord record, std::string why, TimePoint now) {
    nobody_keeps(record);
    record.instance.state = InstanceState::stopped;
    record.instance.reason = std::move(why);
    record.instance.ended = now;
    return {std::move(record), AfterEnd::let_go};
}

Ended remove(InstanceRecord record, std::string why) {
    record.instance.state = InstanceState::shutting_down;
    record.instance.reason = std::move(why);
    forget_guest(record);
    return {std::move(record), AfterEnd::remove};
}

/// The end that its shutdown behaviour asks for.
Ended by_itself(InstanceRecord record, std::string why, TimePoint now) {
    return record.instance.shutdown == ports::ShutdownBehaviour::stop
               ? let_go(std::move(record), std::move(why), now)
               : remove(std::move(record), std::move(why));
}

}  // namespace

std::optional<InstanceRecord> taken_over(
    InstanceRecord record, const HolderId& keeper, const JobId& job
) {
    const auto state = record.instance.state;
    if (state == InstanceState::stopped || state == InstanceState::terminated) {
        return std::nullopt;
    }
    record.keeper = keeper;
    record.job = job;
    if (record.lifetime && !record.instance.deadline) {
        record.instance.deadline = record.instance.launched + *record.lifetime;
    }
    return record;
}

InstanceRecord begun(
    InstanceRecord record,
    int first_process,
    std::vector<std::pair<std::uint16_t, std::string>> forwards
) {
    if (record.instance.state == InstanceState::pending) {
        record.instance.state = InstanceState::running;
        record.instance.reason.clear();
    }
    ++record.starts;
    record.first_process = first_process;
    record.forwards = std::move(forwards);
    return record;
}

Ended after_end(InstanceRecord record, const GuestEnd& end, TimePoint now) {
    if (end.user_data_waits) {
        record.starts = 0;
    }
    if (record.wish == Wish::terminate) {
        return remove(std::move(record), kUserShutdown);
    }
    if (record.wish == Wish::stop) {
        return let_go(std::move(record), kUserShutdown, now);
    }
    const bool again = end.what == GuestEnd::What::rebooted || record.wish == Wish::reboot;
    if (again && end.what != GuestEnd::What::failed) {
        record.wish = Wish::none;
        record.force = ports::Force::no;
        record.first_process = 0;
        record.forwards.clear();
        return {std::move(record), AfterEnd::start_again};
    }
    if (end.what == GuestEnd::What::failed) {
        if (again) {  // it was killed for a reboot
            record.wish = Wish::none;
            record.first_process = 0;
            return {std::move(record), AfterEnd::start_again};
        }
        return by_itself(std::move(record), "Server.InternalError: " + end.why, now);
    }
    const bool over = record.instance.deadline && now >= *record.instance.deadline;
    return by_itself(
        std::move(record),
        over ? "Client.InstanceInitiatedShutdown: its lifetime is over" : kGuestShutdown,
        now
    );
}

InstanceRecord terminated(InstanceRecord record, TimePoint now) {
    nobody_keeps(record);
    record.instance.state = InstanceState::terminated;
    record.instance.ended = now;
    record.instance.root_volume = {};
    record.user_data.clear();
    return record;
}

std::optional<InstanceRecord> wished(
    InstanceRecord record, ports::Change change, ports::Force force, TimePoint now
) {
    auto& instance = record.instance;
    const bool harder = change == ports::Change::stop && force == ports::Force::yes &&
                        instance.state == InstanceState::stopping;
    const auto next = ports::begin_change(instance.id, instance.state, change);
    if (!next && !harder) {
        return std::nullopt;
    }
    instance.state = next.value_or(instance.state);
    record.force = force;
    switch (change) {
        case ports::Change::start:
            record.wish = Wish::none;
            instance.reason.clear();
            instance.ended.reset();
            instance.launched = now;
            if (record.lifetime) {
                instance.deadline = now + *record.lifetime;
            }
            break;
        case ports::Change::stop:
            record.wish = Wish::stop;
            instance.reason = kUserShutdown;
            break;
        case ports::Change::reboot:
            record.wish = Wish::reboot;
            break;
    }
    return record;
}

std::optional<InstanceRecord> doomed(InstanceRecord record) {
    if (record.instance.state == InstanceState::terminated || record.wish == Wish::terminate) {
        return std::nullopt;
    }
    record.wish = Wish::terminate;
    record.instance.state = InstanceState::shutting_down;
    record.instance.reason = kUserShutdown;
    return record;
}

Verdict judge(InstanceRecord record, bool keeper_lives, TimePoint now) {
    const auto state = record.instance.state;
    if (keeper_lives && !record.job) {  // its launcher lives: a keeper is on its way, or was
        const bool soon = now - record.instance.launched < kKeeperPatience;
        keeper_lives = state == InstanceState::running || (state == InstanceState::pending && soon);
    }
    if (keeper_lives || state == InstanceState::stopped || state == InstanceState::terminated) {
        return {Orphan::none, std::move(record)};
    }
    if (state == InstanceState::pending && record.starts < kMostStarts) {
        return {Orphan::keep, std::move(record)};
    }
    if (state == InstanceState::shutting_down) {
        auto ended = remove(record, record.instance.reason);
        return {Orphan::remove, std::move(ended.record)};
    }
    const bool asked = state == InstanceState::stopping;
    auto ended = asked ? let_go(std::move(record), kUserShutdown, now)
                       : by_itself(std::move(record), "Server.InternalError: its keeper died", now);
    return {
        ended.then == AfterEnd::remove ? Orphan::remove : Orphan::finish, std::move(ended.record)};
}

}  // namespace kiln::compute
