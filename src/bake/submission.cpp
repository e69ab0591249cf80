#include "bake/submission.hpp"

#include "bake/events.hpp"
#include "base/utf8.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::bake {

namespace {

using ports::BakeState;

/// A refused request may be wrong in very many places; what is told of it fits a message.
constexpr std::size_t kLongestReason = std::size_t{32} << 10;
constexpr std::size_t kMostProblems = 100;
constexpr std::size_t kPage = 1000;

std::string shortened(std::string_view text) {
    return text.size() <= kLongestReason ? to_utf8(text)
                                         : to_utf8(text.substr(0, kLongestReason)) + " …";
}

json::object refusal_json(const Attempt& attempt, std::string_view step, const Error& error) {
    json::object object{
        {"attempt", attempt.number},
        {"step", step},
        {"kind", to_string(error.kind())},
        {"reason", shortened(error.message())},
    };
    if (!error.hint().empty()) {
        object["hint"] = error.hint();
    }
    json::array problems;
    std::size_t room = kLongestReason;
    for (const auto& [where, what] : error.problems()) {
        if (problems.size() == kMostProblems || where.size() + what.size() > room) {
            break;
        }
        room -= where.size() + what.size();
        problems.push_back({{"where", to_utf8(where)}, {"what", to_utf8(what)}});
    }
    if (!problems.empty()) {
        object["problems"] = std::move(problems);
    }
    return object;
}

/// The number that the next event of the attempt has.
std::int64_t next_sequence(ports::BakeStore& bakes, const Attempt& attempt) {
    ports::EventPlace last{attempt.number, 0};
    for (auto page = bakes.events(attempt.bake, last, kPage); !page.empty();
         page = bakes.events(attempt.bake, last, kPage)) {
        last = page.back().place();
    }
    return last.sequence + 1;
}

ports::BakeEvent remark(std::int64_t sequence, std::string message, TimePoint now) {
    ports::BakeEvent event;
    event.sequence = sequence;
    event.category = "LOG";
    event.time = now;
    event.message = std::move(message);
    event.data = json::object{{"times", json::array{0}}};
    return event;
}

json::object interrupted_result(const ports::BakeRecord& record, std::string_view state) {
    json::object error{
        {"kind", "unavailable"},
        {"reason", "the process that ran this bake died; what it had made is undone"},
    };
    if (record.queue.empty()) {
        error["look_closer"] = json::array{"kiln bake retry " + record.id.str()};
    }
    return {{"bake", record.id.str()}, {"state", state}, {"name", record.name}, {"error", error}};
}

/// It came through a queue: its message comes back, and with it the next attempt.
void wait_again(ports::BakeStore& bakes, const ports::BakeRecord& record, TimePoint now) {
    const auto event = remark(
        next_sequence(bakes, {record.id, record.attempt}),
        fmt::format(
            "the process of attempt {} died; what it had made is undone, the request waits again",
            record.attempt
        ),
        now
    );
    bakes.append(
        record.id,
        record.attempt,
        {event},
        ports::BakeStore::Ending{
            BakeState::queued, std::nullopt, interrupted_result(record, "queued"), now}
    );
}

void end_interrupted(ports::BakeStore& bakes, const ports::BakeRecord& record, TimePoint now) {
    const auto result = interrupted_result(record, "interrupted");
    ports::BakeEvent end;
    end.sequence = next_sequence(bakes, {record.id, record.attempt});
    end.category = "END";
    end.time = now;
    end.message = "interrupted";
    end.data = json::object{{"state", "interrupted"}, {"error", result.at("error")}};
    end.final = true;
    bakes.append(
        record.id,
        record.attempt,
        {end},
        ports::BakeStore::Ending{BakeState::interrupted, std::nullopt, result, now}
    );
}

}  // namespace

std::string Attempt::str() const {
    return fmt::format("{}/{}", bake.str(), number);
}

Attempt Attempt::parse(std::string_view name) {
    const auto slash = name.find('/');
    Attempt attempt{BakeId::trusted(std::string{name.substr(0, slash)}), 1};
    if (slash == std::string_view::npos) {
        return attempt;
    }
    const auto* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + slash + 1, end, attempt.number);
    if (error != std::errc{} || stop != end) {
        throw Error{ErrorKind::corrupt, fmt::format("'{}' is no attempt at a bake", name)};
    }
    return attempt;
}

void refuse(
    ports::BakeStore& bakes,
    const ports::Clock& clock,
    const Attempt& attempt,
    std::string_view step,
    const Error& error
) {
    const auto record = bakes.get(attempt.bake);
    if (record.ended) {
        return;
    }
    const auto now = clock.now();
    const auto data = refusal_json(attempt, step, error);
    const auto state =
        error.kind() == ErrorKind::cancelled ? BakeState::cancelled : BakeState::failed;
    const json::object result{
        {"bake", attempt.bake.str()},
        {"state", ports::to_string(state)},
        {"name", record.name},
        {"attempt", attempt.number},
        {"error", data},
    };
    EventLog log;
    auto events = log.error(data, step, shortened(error.message()), now);
    for (auto& event : log.end(state, result, now)) {
        events.push_back(std::move(event));
    }
    bakes.append(
        attempt.bake,
        attempt.number,
        events,
        ports::BakeStore::Ending{state, std::nullopt, result, now}
    );
}

void mark_interrupted(ports::BakeStore& bakes, const ports::Clock& clock, const Attempt& attempt) {
    try {
        const auto record = bakes.get(attempt.bake);
        if (record.state != BakeState::running || record.attempt != attempt.number) {
            return;
        }
        if (record.queue.empty()) {
            end_interrupted(bakes, record, clock.now());
        } else {
            wait_again(bakes, record, clock.now());
        }
    } catch (const Error& error) {
        // Never accepted, or finished by another sweep at this moment.
        if (error.kind() != ErrorKind::not_found && error.kind() != ErrorKind::conflict) {
            throw;
        }
    }
}

}  // namespace kiln::bake
