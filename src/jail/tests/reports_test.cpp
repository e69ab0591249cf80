#include "jail/bwrap_status.hpp"
#include "jail/process_report.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

namespace kiln::jail {
namespace {

using namespace std::chrono_literals;

TEST(BwrapStatus, HasTheFirstProcessAndTheExitCode) {
    const auto status = parse_bwrap_status(
        "{ \"child-pid\": 18574, \"pid-namespace\": 4026532180 }\n{ \"exit-code\": 137 }\n"
    );
    EXPECT_EQ(status.first_process, 18574);
    EXPECT_EQ(status.exit_code, 137);
}

TEST(BwrapStatus, HasNoExitCodeWhenTheJailWasNotSetUp) {
    EXPECT_EQ(parse_bwrap_status("{ \"child-pid\": 18574 }\n").exit_code, std::nullopt);
    EXPECT_EQ(parse_bwrap_status("").first_process, 0);
}

TEST(BwrapStatus, SkipsWhatIsCutOff) {
    const auto status = parse_bwrap_status("{ \"child-pid\": 5 }\n{ \"exit-co");
    EXPECT_EQ(status.first_process, 5);
    EXPECT_EQ(status.exit_code, std::nullopt);
}

TEST(LastWords, NameTheLastLineAndWhoWaitsWhere) {
    const std::vector<Waiting> waiting{
        {"sleep 99999", "hrtimer_nanosleep"}, {"sh -c x", "do_wait"}};
    EXPECT_EQ(
        last_words(900s, "Setting up x", waiting),
        "last output 900 s ago: \"Setting up x\"; waiting: \"sleep 99999\" (hrtimer_nanosleep), "
        "\"sh -c x\" (do_wait)"
    );
}

TEST(LastWords, DoWithoutOutputAndProcesses) {
    EXPECT_EQ(last_words(1500ms, "", {}), "no output in 1 s");
}

TEST(LastWords, KeepControlCharactersAndLengthFromTheMessage) {
    const auto text = last_words(1s, "\x1b[31mred\r" + std::string(1000, 'x'), {});
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_LT(text.size(), 250U);
}

TEST(LookAt, FindsAProcessAndLeavesOutOurs) {
    const std::vector<int> processes{::getpid(), 1 << 30};
    const auto found = look_at(processes, {});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_THAT(found[0].command, ::testing::HasSubstr("jail_test"));
    EXPECT_EQ(found[0].where, "running");
    EXPECT_TRUE(look_at(processes, processes).empty());
}

}  // namespace
}  // namespace kiln::jail
