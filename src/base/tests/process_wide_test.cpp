#include "base/fault.hpp"
#include "base/guarded.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/testing/kind_of.hpp"

#include <csignal>
#include <cstdlib>
#include <thread>

#include <gmock/gmock.h>

namespace kiln {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

#ifdef KILN_FAULT_POINTS
class Fault : public ::testing::Test {
  protected:
    static void want(const char* fault) { ::setenv("KILN_FAULT", fault, 1); }

    void TearDown() override { ::unsetenv("KILN_FAULT"); }
};

using FaultDeathTest = Fault;

TEST_F(Fault, NothingHappensUnlessWanted) {
    EXPECT_EQ(kind_of([] { fault_point("before:mount"); }), std::nullopt);
    want("error@before:mount");
    EXPECT_EQ(kind_of([] { fault_point("after:mount"); }), std::nullopt);
    EXPECT_EQ(kind_of([] { fault_point("before:mount2"); }), std::nullopt);
    EXPECT_EQ(kind_of([] { fault_point("before:moun"); }), std::nullopt);
}

TEST_F(Fault, ErrorIsThrownAndNamesItsPoint) {
    want("error@before:mount");
    const auto error = error_of([] { fault_point("before:mount"); });
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->kind(), ErrorKind::unavailable);
    EXPECT_THAT(error->message(), HasSubstr("before:mount"));
}

TEST_F(Fault, CallersOwnFaultsAreAsked) {
    want("torn@write");
    EXPECT_TRUE(fault_wanted("torn", "write"));
    EXPECT_FALSE(fault_wanted("kill", "write"));
}

TEST_F(FaultDeathTest, KillEndsTheProcessAtOnce) {
    want("kill@before:mount");
    EXPECT_EXIT(fault_point("before:mount"), ::testing::KilledBySignal(SIGKILL), "");
}

TEST_F(FaultDeathTest, InterruptArrivesAsFromTheKeyboard) {
    want("int@before:mount");
    EXPECT_EXIT(fault_point("before:mount"), ::testing::KilledBySignal(SIGINT), "");
}
#endif

TEST(Guarded, ValueIsReachedByOneThreadAtATime) {
    Guarded<int> count{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int k = 0; k < 10'000; ++k) {
                    ++*count.lock();
                }
            });
        }
    }
    EXPECT_EQ(*count.lock(), 40'000);
}

class Log : public ::testing::Test {
  protected:
    void TearDown() override { configure_log(LogLevel::warning, LogShape::text); }

    template <class Call>
    static std::string written(Call&& call) {
        ::testing::internal::CaptureStderr();
        call();
        return ::testing::internal::GetCapturedStderr();
    }
};

TEST_F(Log, LevelBelowTheThresholdIsSilent) {
    configure_log(LogLevel::warning, LogShape::text);
    EXPECT_EQ(written([] { log_info("event"); }), "");
    EXPECT_THAT(written([] { log_warning("event"); }), EndsWith("warning event\n"));
    configure_log(LogLevel::off, LogShape::text);
    EXPECT_EQ(written([] { log_error("event"); }), "");
}

TEST_F(Log, FieldsThatWouldBreakTheLineAreQuoted) {
    configure_log(LogLevel::debug, LogShape::text);
    const auto line = written([] {
        log_debug("event", {{"a", "plain"}, {"b", "two words\nmore"}, {"c", ""}});
    });
    EXPECT_THAT(line, EndsWith("event a=plain b=\"two words\\nmore\" c=\"\"\n"));
}

TEST_F(Log, JsonLinesAreJson) {
    configure_log(LogLevel::debug, LogShape::json);
    const auto line = written([] { log_error("event", {{"text", "a \"quote\" {brace} %v\n"}}); });
    const auto object = parse_json(line).as_object();
    EXPECT_EQ(object.at("event"), "event");
    EXPECT_EQ(object.at("level"), "error");
    EXPECT_EQ(object.at("text"), "a \"quote\" {brace} %v\n");
    EXPECT_TRUE(object.contains("time"));
}

TEST_F(Log, TextComesBackAfterJson) {
    configure_log(LogLevel::warning, LogShape::json);
    configure_log(LogLevel::warning, LogShape::text);
    EXPECT_THAT(written([] { log_warning("event"); }), EndsWith("warning event\n"));
}

}  // namespace
}  // namespace kiln
