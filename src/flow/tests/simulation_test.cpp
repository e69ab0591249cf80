#include "flow/frame_codec.hpp"
#include "flow/tests/machine_generator.hpp"
#include "flow/tests/play.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

/// Random machines, random events: what has to hold for every execution. Seeds: 300, or as many as
/// KILN_SIMULATION_SEEDS says. One seed alone: KILN_SIMULATION_SEED.
namespace kiln::flow::testing {
namespace {

constexpr const char* kInput = R"({"items":[1,{"a":2},"three"],"n":5})";

/// What the store would give back: nothing of the frames in memory is kept.
void read_again(Execution& execution) {
    Execution read = new_execution(execution.facts);
    decode_execution(encode_execution(execution), read);
    for (const auto& [id, frame] : execution.frames) {
        const auto text = encode_frame(frame);
        read.frames.emplace(id, decode_frame(text.head, text.body));
    }
    link_frames(read);
    execution = std::move(read);
}

/// The rows of a store that only writes what `touched`, `enlarged` and `removed` name.
class Rows {
  public:
    void write(Execution& execution) {
        for (const auto id : execution.removed) {
            rows_.erase(id);
        }
        for (const auto id : execution.touched) {
            const auto& frame = execution.frames.at(id);
            rows_[id].head = encode_head(frame);
            if (execution.enlarged.contains(id)) {
                rows_[id].body = encode_body(frame);
            }
        }
        execution.removed.clear();
        execution.touched.clear();
        execution.enlarged.clear();
    }

    /// What the rows are, against what they should be.
    void check(const Execution& execution) const {
        ASSERT_EQ(rows_.size(), execution.frames.size());
        for (const auto& [id, frame] : execution.frames) {
            const auto& row = rows_.at(id);
            ASSERT_EQ(row.head, encode_head(frame)) << "frame " << id;
            if (frame.fork) {
                ASSERT_EQ(row.body, encode_body(frame)) << "frame " << id;
            }
        }
    }

  private:
    std::map<FrameId, FrameText> rows_;
};

/// One step of the world: a task moves, time passes, something is reported twice or too late.
bool happen(Play& play, FakeWorld& chance, std::vector<ScheduleTask>& old) {
    if (!play.tasks.empty() && chance.below(3) != 0) {
        const auto which = chance.below(play.tasks.size());
        const auto task = play.tasks[which];
        switch (chance.below(6)) {
            case 0:
                play.hand_in(TaskStarted{task.frame, task.task, "worker"});
                return true;
            case 1:
                play.hand_in(TaskBeat{task.frame, task.task});
                return true;
            case 2:
                play.hand_in(TaskFailed{task.frame, task.task, "E1", "the task failed"});
                break;
            default:
                play.hand_in(TaskSucceeded{
                    task.frame, task.task, payload(R"({"items":[7,8],"done":1})")});
                break;
        }
        old.push_back(task);
        std::erase_if(play.tasks, [&](const auto& given) { return given.task == task.task; });
        return true;
    }
    if (!old.empty() && chance.below(4) == 0) {
        const auto& late = old[chance.below(old.size())];
        EXPECT_FALSE(play.hand_in(TaskSucceeded{late.frame, late.task, payload("1")}));
        EXPECT_FALSE(play.hand_in(TimerFired{late.frame + 1000, Timer::resume}));
        return true;
    }
    return play.wait() || !play.tasks.empty();
}

struct Seen {
    std::vector<std::string> history;
    std::string state;
};

enum class Store { none, between_events };

/// Plays one seed to its end, with a stop and redrives now and then.
Seen play_seed(std::uint64_t seed, Store store) {
    FakeWorld chance{seed};
    Limits limits;
    limits.steps_at_once = chance.below(2) == 0 ? 3 : 10'000;
    Play play{machine(random_definition(chance)), payload(kInput), limits, FakeWorld{seed}};
    Rows rows;
    std::vector<ScheduleTask> old;
    const auto written = [&] {
        rows.write(play.execution);
        rows.check(play.execution);
        if (store == Store::between_events) {
            read_again(play.execution);
        }
    };
    play.hand_in(Begin{});
    written();
    int redrives = 0;
    for (int i = 0; i < 2000; ++i) {
        if (!play.running()) {
            old.insert(old.end(), play.tasks.begin(), play.tasks.end());
            play.tasks.clear();
            if (redrives++ == 2 || !play.hand_in(Redrive{})) {
                break;
            }
        } else if (chance.below(60) == 0) {
            play.hand_in(Stop{"Stopped", std::nullopt});
        } else if (!happen(play, chance, old)) {
            ADD_FAILURE() << "seed " << seed << ": running, and nothing is waited for";
            break;
        }
        written();
    }
    EXPECT_FALSE(play.running()) << "seed " << seed;
    EXPECT_EQ(play.execution.variables_bytes >= 0, true);
    Seen seen;
    for (const auto& event : play.history) {
        seen.history.push_back(json::serialize(show(event, true)));
    }
    seen.state = encode_execution(play.execution);
    return seen;
}

bool ends_execution(std::string_view type) {
    return type == "ExecutionSucceeded" || type == "ExecutionFailed" ||
           type == "ExecutionAborted" || type == "ExecutionTimedOut";
}

/// Ids without a gap, each pointing back; one end, but for redrives; no more exits than entries.
void check_history(const std::vector<std::string>& history) {
    std::int64_t id = 0;
    bool ended = false;
    std::map<std::string, int> inside;
    for (const auto& line : history) {
        const auto event = json::parse(line);
        ASSERT_EQ(event.at("id").as_int64(), ++id);
        ASSERT_LT(event.at("previousEventId").as_int64(), id);
        ASSERT_GE(event.at("previousEventId").as_int64(), 0);
        const std::string type{event.at("type").as_string()};
        ASSERT_EQ(ended, type == "ExecutionRedriven") << line;
        ended = ends_execution(type);
        if (type.ends_with("StateEntered")) {
            ++inside[std::string{event.at("stateEnteredEventDetails").at("name").as_string()}];
        } else if (type.ends_with("StateExited")) {
            const auto name = event.at("stateExitedEventDetails").at("name").as_string();
            ASSERT_GE(--inside[std::string{name}], 0) << line;
        }
    }
    ASSERT_TRUE(ended);
}

TEST(Simulation, keepsTheRulesAndSurvivesTheStoreBetweenAnyTwoEvents) {
    const char* const many = std::getenv("KILN_SIMULATION_SEEDS");
    const char* const one = std::getenv("KILN_SIMULATION_SEED");
    const std::uint64_t first = one != nullptr ? std::strtoull(one, nullptr, 10) : 1;
    const std::uint64_t last =
        one != nullptr ? first : (many != nullptr ? std::strtoull(many, nullptr, 10) : 300);
    std::size_t events = 0;
    for (auto seed = first; seed <= last && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        const auto kept = play_seed(seed, Store::none);
        check_history(kept.history);
        const auto stored = play_seed(seed, Store::between_events);
        ASSERT_EQ(kept.history, stored.history);
        ASSERT_EQ(kept.state, stored.state);
        events += kept.history.size();
    }
    RecordProperty("events", static_cast<int>(events));
    if (::testing::Test::HasFailure()) {
        return;
    }
    EXPECT_GT(events, (last - first + 1) * 4) << "the generator makes machines that do nothing";
}

}  // namespace
}  // namespace kiln::flow::testing
