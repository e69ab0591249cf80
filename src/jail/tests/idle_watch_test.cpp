#include "jail/idle_watch.hpp"

#include <vector>

#include <gmock/gmock.h>

namespace kiln::jail {
namespace {

using namespace std::chrono_literals;
using Verdict = IdleWatch::Verdict;

struct Step {
    std::chrono::seconds at;
    std::uint64_t output = 0;
    std::chrono::microseconds cpu{0};
    std::uint64_t io = 0;
};

struct Course {
    std::string name;
    std::vector<Step> steps;  ///< the limit is 100 s
    Verdict verdict;          ///< at the last step; before it the command is alive
};

Activity activity(const Step& step) {
    return {std::chrono::steady_clock::time_point{step.at}, step.output, step.cpu, {step.io}};
}

class IdleWatchSees : public ::testing::TestWithParam<Course> {};

TEST_P(IdleWatchSees, TheVerdict) {
    IdleWatch watch{100s, activity({0s})};
    const auto& steps = GetParam().steps;
    for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
        EXPECT_EQ(watch.observe(activity(steps[i])), Verdict::alive) << "step " << i;
    }
    EXPECT_EQ(watch.observe(activity(steps.back())), GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(
    Commands,
    IdleWatchSees,
    ::testing::Values(
        Course{"JustStarted", {{99s}}, Verdict::alive},
        Course{"NothingForTheWholeLimit", {{50s}, {100s}}, Verdict::hung},
        Course{"OutputBeginsTheLimitAgain", {{50s, 1}, {100s, 1}, {149s, 1}}, Verdict::alive},
        Course{"SilentAfterOutput", {{50s, 1}, {100s, 1}, {150s, 1}}, Verdict::hung},
        Course{"CountsCpuTime", {{50s, 0, 1s}, {100s, 0, 2s}, {150s, 0, 3s}}, Verdict::alive},
        Course{
            "IoAlone",
            {{50s, 0, 0us, 512}, {100s, 0, 0us, 1024}, {150s, 0, 0us, 1536}},
            Verdict::alive},
        Course{"TimersAreNoise", {{50s, 0, 2500us}, {100s, 0, 5000us}}, Verdict::hung},
        Course{"JustAboveNoise", {{50s, 0, 25001us}, {100s, 0, 50002us}}, Verdict::alive},
        Course{"ExactlyNoise", {{50s, 0, 25000us}, {100s, 0, 50000us}}, Verdict::hung},
        Course{"BusyOnceThenStill", {{10s, 0, 9s}, {60s, 0, 9s}, {110s, 0, 9s}}, Verdict::hung}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(IdleWatch, KnowsHowLongItWasSilent) {
    IdleWatch watch{100s, activity({0s})};
    (void)watch.observe(activity({10s, 5}));
    (void)watch.observe(activity({40s, 5, 20s}));
    EXPECT_EQ(watch.silent(), 30s);
}

TEST(IdleWatch, LooksTenTimesWithinTheLimitButNotTooOften) {
    EXPECT_EQ(IdleWatch(10s, activity({0s})).interval(), 1s);
    EXPECT_EQ(IdleWatch(900s, activity({0s})).interval(), 15s);
    EXPECT_EQ(IdleWatch(100ms, activity({0s})).interval(), 20ms);
}

}  // namespace
}  // namespace kiln::jail
