#include "os/files.hpp"
#include "verbs_fixture.hpp"

#include <gmock/gmock.h>

namespace kiln::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class JobVerbs : public testing::VerbsTest {};

TEST_F(JobVerbs, PushTakesArgumentsInJson) {
    EXPECT_EQ(run({"job", "push", "redis://h:1/0#mail", "A", "\"x\"", "[1]", "--in", "90s"}), 0)
        << err;
    ASSERT_THAT(world.jobs.pushed, SizeIs(1));
    const auto& order = world.jobs.pushed[0];
    EXPECT_EQ(order.kind, "A");
    EXPECT_EQ(order.queue, "mail");
    EXPECT_EQ(json::serialize(order.args), R"(["x",[1]])");
    EXPECT_EQ(order.delay, std::chrono::seconds{90});
    EXPECT_THAT(world.job_queues, ElementsAre("redis://h:1/0#mail"));
    EXPECT_EQ(out, "0123456789abcdef01234567\n");
}

TEST_F(JobVerbs, EveryArgumentThatIsNotJsonIsTold) {
    EXPECT_EQ(run({"job", "push", "mail", "A", "x", "1", "{"}), 2);
    EXPECT_THAT(err, HasSubstr("ARG 1"));
    EXPECT_THAT(err, HasSubstr("ARG 3"));
    EXPECT_THAT(world.jobs.pushed, IsEmpty());
}

TEST_F(JobVerbs, WorkHasQueuesAndAProgram) {
    EXPECT_EQ(
        run(
            {"job",
             "work",
             "--queue",
             "redis://h/0#a",
             "--queue",
             "redis://h/0#b",
             "--",
             "cat",
             "-n"}
        ),
        0
    ) << err;
    ASSERT_THAT(world.worked_jobs, SizeIs(1));
    EXPECT_THAT(world.worked_jobs[0].queues, ElementsAre("redis://h/0#a", "redis://h/0#b"));
    EXPECT_THAT(world.worked_jobs[0].program, ElementsAre("cat", "-n"));
}

TEST_F(JobVerbs, QueuesOfDifferentPlacesAreRefused) {
    EXPECT_EQ(run({"job", "work", "--queue", "redis://h/0#a", "--queue", "b", "--", "cat"}), 2);
    EXPECT_EQ(run({"job", "work", "--", "cat"}), 2);
    EXPECT_THAT(world.worked_jobs, IsEmpty());
}

}  // namespace
}  // namespace kiln::cli
