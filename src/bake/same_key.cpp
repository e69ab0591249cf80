#include "bake/bake_run.hpp"
#include "bake/door.hpp"
#include "bake/events.hpp"
#include "bake/follow.hpp"
#include "bake/reply_numbering.hpp"
#include "bake/result.hpp"

#include <fmt/format.h>

/// What happens when a bake of the same key runs, or was: its outcome is the answer.
namespace kiln::bake {

using ports::BakeState;

namespace {

std::optional<ports::Image> find_image(World& world, const ImageId& id) {
    try {
        ports::ImageFilter filter;
        filter.ids = {id};
        auto images = world.cloud.images.describe(filter);
        return images.empty() ? std::nullopt : std::optional{std::move(images.front())};
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::not_found) {
            return std::nullopt;
        }
        throw;
    }
}

ports::BakeEvent image_event(const ports::Image& image, TimePoint now) {
    EventLog log;
    return log.image(ports::to_json(image), image.name, now).front();
}

/// The result of the bake that made the image, or, when it died before it wrote one, what is known.
json::value result_of(World& world, const ports::Image& image) {
    try {
        const auto record = world.bakes.get(*image.bake);
        if (record.state == BakeState::succeeded) {
            return record.result;
        }
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found) {
            throw;
        }
    }
    return json::object{{"state", "succeeded"}, {"name", image.name}, {"image", image.id.str()}};
}

}  // namespace

void Baker::end_orphan(const ports::BakeRecord& record) {
    world_.undo_job(record.job);
    // Should the ledger not have known it.
    mark_interrupted(world_.bakes, world_.clock, {record.id, record.attempt});
}

ports::BakeRecord Baker::replay_end(const BakeId& id, const EventSink& sink) {
    replay(
        id,
        {},
        Follow::no,
        [&](const BakeId& bake, const ports::BakeEvent& event) {
            if (event.category == "IMAGE" || event.final) {
                sink(bake, event);
            }
        },
        {}
    );
    return world_.bakes.get(id);
}

ports::BakeRecord Baker::answer_with(const ports::Image& image, const EventSink& sink) {
    auto record = world_.bakes.get(*image.bake);
    if (record.state == BakeState::succeeded) {
        return replay_end(record.id, sink);
    }
    // Its process died after the image was whole and before the record said so: the image counts.
    record.state = BakeState::succeeded;
    record.image = image.id;
    EventLog log;
    const auto now = world_.clock.now();
    for (const auto& event : log.image(ports::to_json(image), image.name, now)) {
        sink(record.id, event);
    }
    for (const auto& event :
         log.end(record.state, {{"state", "succeeded"}, {"image", image.id.str()}}, now)) {
        sink(record.id, event);
    }
    return record;
}

std::optional<ports::BakeRecord> Baker::begin_or_join(
    const ports::BakeRecord& wanted,
    const Request& request,
    const Resolved& resolved,
    const EventSink& sink,
    const std::stop_token& stop
) {
    if (const auto image = already_made(world_, request, resolved, wanted.id)) {
        return answer_with(*image, sink);
    }
    bool force = request.rebake;
    for (;;) {
        const auto begun = world_.bakes.begin(wanted, force);
        const auto& record = begun.record;
        if (begun.inserted) {
            return std::nullopt;
        }
        if (record.state == BakeState::succeeded) {
            if (record.image && find_image(world_, *record.image)) {
                return replay_end(record.id, sink);
            }
            force = true;  // its image was removed since
        } else if (!world_.holder_alive(record.holder)) {
            end_orphan(record);
        } else {
            auto ended = follow_pages(
                record.id,
                {record.attempt, 0},
                Until::nobody_works,
                [&](const std::vector<ports::BakeEvent>& events) {
                    for (const auto& event : events) {
                        sink(record.id, event);
                    }
                },
                stop
            );
            if (ended.ended && ended.state != BakeState::interrupted) {
                return ended;
            }
        }
    }
}

std::optional<ports::BakeRecord> Baker::begin_or_tell(
    const ports::BakeRecord& wanted,
    const Request& request,
    const Resolved& resolved,
    const Submission& submission,
    const std::stop_token& stop
) {
    auto accepted = accepted_json(request, resolved, submission.attempt);
    if (const auto image = already_made(world_, request, resolved, wanted.id)) {
        return tell_image(wanted, *image, std::move(accepted), submission);
    }
    bool force = request.rebake;
    for (;;) {
        const auto begun = world_.bakes.begin(wanted, force);
        const auto& other = begun.record;
        if (begun.inserted) {
            return std::nullopt;
        }
        if (other.state == BakeState::succeeded) {
            if (const auto image = other.image ? find_image(world_, *other.image) : std::nullopt) {
                return tell_image(wanted, *image, std::move(accepted), submission);
            }
            force = true;  // its image was removed since
        } else if (!world_.holder_alive(other.holder)) {
            end_orphan(other);
        } else {
            return tell_bake(wanted, other, std::move(accepted), submission, stop);
        }
    }
}

ports::BakeRecord Baker::begin_same(ports::BakeRecord own, const BakeId& other) {
    own.same_as = other;
    (void)world_.bakes.begin(own, false);
    return own;
}

ports::BakeRecord Baker::tell_image(
    const ports::BakeRecord& wanted,
    const ports::Image& image,
    json::object accepted,
    const Submission& submission
) {
    // The image may be an earlier attempt's of this bake, which died before it could say so.
    const auto own = begin_same(wanted, *image.bake);
    const auto now = world_.clock.now();
    ReplyNumbering numbering{own.id, own.attempt, *image.bake};
    const auto result = result_of(world_, image);
    const std::vector<ports::BakeEvent> events{
        numbering.accepted(std::move(accepted), now),
        *numbering.told(image_event(image, now)),
        numbering.end(BakeState::succeeded, result, now)};
    world_.bakes.append(
        own.id,
        own.attempt,
        events,
        ports::BakeStore::Ending{BakeState::succeeded, image.id, numbering.result(result), now}
    );
    submission.stored();
    return world_.bakes.get(own.id);
}

namespace {

/// How our record ends when the bake that it follows has.
struct SameEnd {
    BakeState state = BakeState::queued;  ///< waits again
    std::optional<ImageId> image;
    json::value result;
    std::string why;  ///< it waits again
};

SameEnd end_like(const ports::BakeRecord& other) {
    if (other.state == BakeState::succeeded || other.state == BakeState::failed) {
        return {other.state, other.image, other.result, ""};
    }
    // Somebody's wish to cancel the other, or its baker's death, is no outcome of ours.
    const auto why = fmt::format(
        "{}, which does the same, ended as {}; the request waits again",
        other.id.str(),
        ports::to_string(other.state)
    );
    return {
        BakeState::queued,
        std::nullopt,
        json::object{{"state", "queued"}, {"error", {{"kind", "unavailable"}, {"reason", why}}}},
        why};
}

SameEnd end_stopped(bool by_user) {
    const std::string why = by_user ? "it was cancelled" : "its process was asked to stop";
    return {
        by_user ? BakeState::cancelled : BakeState::queued,
        std::nullopt,
        json::object{
            {"state", by_user ? "cancelled" : "queued"},
            {"error", {{"kind", "cancelled"}, {"reason", why}}}},
        why + "; the request waits again"};
}

ports::BakeEvent last_event(ReplyNumbering& numbering, const SameEnd& end, TimePoint now) {
    if (end.state != BakeState::queued) {
        return numbering.end(end.state, end.result, now);
    }
    EventLog log;
    return *numbering.told(log.note(end.why, "", now).front());
}

}  // namespace

ports::BakeRecord Baker::tell_bake(
    const ports::BakeRecord& wanted,
    const ports::BakeRecord& other,
    json::object accepted,
    const Submission& submission,
    const std::stop_token& stop
) {
    const auto own = begin_same(wanted, other.id);
    ReplyNumbering numbering{own.id, own.attempt, other.id};
    const auto folder = world_.run_folder / own.job.str();
    const auto store = [&](const std::vector<ports::BakeEvent>& events,
                           const std::optional<ports::BakeStore::Ending>& ended) {
        world_.bakes.append(own.id, own.attempt, events, ended);
        notify_followers(folder);
        submission.stored();
    };
    announce(folder);
    store({numbering.accepted(std::move(accepted), world_.clock.now())}, std::nullopt);
    const BakeStop stops{folder, stop};
    std::vector<ports::BakeEvent> last;  // its ERROR is ours only if its end is
    SameEnd end;
    try {
        end = end_like(follow_pages(
            other.id,
            {other.attempt, 0},
            Until::nobody_works,
            [&](const std::vector<ports::BakeEvent>& events) {
                std::vector<ports::BakeEvent> ours;
                for (const auto& event : events) {
                    if (event.category == "ERROR") {
                        last.push_back(event);
                    } else if (auto told = event.final ? std::nullopt : numbering.told(event)) {
                        ours.push_back(*std::move(told));
                    }
                }
                if (!ours.empty()) {
                    store(ours, std::nullopt);
                }
            },
            stops.any()
        ));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::cancelled) {
            throw;
        }
        end = end_stopped(stops.user().stop_requested());
    }
    const auto now = world_.clock.now();
    std::vector<ports::BakeEvent> ours;
    for (auto& error : last) {
        if (end.state == BakeState::failed) {
            ours.push_back(*numbering.told(std::move(error)));
        }
    }
    ours.push_back(last_event(numbering, end, now));
    store(ours, ports::BakeStore::Ending{end.state, end.image, numbering.result(end.result), now});
    return world_.bakes.get(own.id);
}

}  // namespace kiln::bake
