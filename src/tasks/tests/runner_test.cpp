#include "tasks/runner.hpp"

#include "tasks/tests/fake_world.hpp"

#include <gmock/gmock.h>

namespace kiln::tasks {
namespace {

using What = flow::TaskReport::What;
using ::testing::HasSubstr;

/// Keeps its jobs.
class Patient final : public Service {
  public:
    bool serves(const asl::Resource& resource) const override { return resource.action == "wait"; }

    void run(JobPtr job) override { jobs.push_back(std::move(job)); }

    std::vector<JobPtr> jobs;
};

class Running : public ::testing::Test {
  protected:
    Running() {
        ServiceTable table;
        auto patient = std::make_unique<Patient>();
        patient_ = patient.get();
        table["slow"] = std::move(patient);
        runner_.serve(std::move(table));
    }

    void run(const std::string& service, asl::Pattern pattern = asl::Pattern::request_response) {
        flow::TaskCall call;
        call.execution = 1;
        call.task = 2;
        call.resource = {
            .arn = "arn:aws:states:::" + service + ":wait",
            .service = service,
            .action = "wait",
            .pattern = pattern};
        runner_.run(std::move(call), reports_.sink());
    }

    testing::Reports reports_;
    Patient* patient_ = nullptr;
    Runner runner_;
};

TEST_F(Running, ACallIsReportedAsStartedAndWithItsEnd) {
    run("slow");
    EXPECT_EQ(runner_.under_way(), 1U);
    patient_->jobs.at(0)->succeeded("x");
    ASSERT_EQ(reports_.all.size(), 2U);
    EXPECT_EQ(reports_.all[0].what, What::started);
    EXPECT_EQ(reports_.all[1].what, What::succeeded);
    EXPECT_EQ(*reports_.all[1].output, "x");
    EXPECT_EQ(runner_.under_way(), 0U);
}

TEST_F(Running, AServiceThatNobodyServesFailsAtItsStart) {
    run("dynamodb");
    ASSERT_EQ(reports_.all.size(), 1U);
    EXPECT_EQ(reports_.all[0].error, "States.Runtime");
    EXPECT_EQ(reports_.all[0].at, flow::TaskReport::At::start);
    EXPECT_THAT(*reports_.all[0].cause, HasSubstr("arn:aws:states:::dynamodb:wait"));
}

TEST_F(Running, OneThatWaitsForItsTokenIsOverWithItsSubmission) {
    run("slow", asl::Pattern::wait_for_task_token);
    patient_->jobs.at(0)->answered("x");
    EXPECT_EQ(reports_.all.back().what, What::submitted);
    EXPECT_EQ(runner_.under_way(), 0U);
}

TEST_F(Running, ACancelledJobReportsNothingAndIsUndone) {
    run("slow", asl::Pattern::sync);
    const auto job = patient_->jobs.at(0);
    job->submitted("x");
    bool undone = false;
    job->when_cancelled([&] { undone = true; });
    runner_.cancel(1, 2);
    job->succeeded("late");
    EXPECT_TRUE(undone);
    EXPECT_TRUE(job->stop().stop_requested());
    EXPECT_EQ(reports_.all.back().what, What::submitted);
}

TEST_F(Running, WhatIsCancelledBeforeItsSubmissionIsUndoneThen) {
    run("slow", asl::Pattern::sync);
    runner_.cancel(1, 2);
    bool undone = false;
    patient_->jobs.at(0)->when_cancelled([&] { undone = true; });
    EXPECT_TRUE(undone);
}

TEST_F(Running, WhatComesBeforeTheServicesIsBegunWithThem) {
    Runner runner;
    flow::TaskCall call;
    call.resource = {.service = "slow", .action = "wait"};
    runner.run(std::move(call), reports_.sink());
    EXPECT_TRUE(reports_.all.empty());
    ServiceTable table;
    table["slow"] = std::make_unique<Patient>();
    runner.serve(std::move(table));
    ASSERT_EQ(reports_.all.size(), 1U);
    EXPECT_EQ(reports_.all[0].what, What::started);
}

TEST_F(Running, AfterItsCloseNothingIsBegun) {
    runner_.close();
    run("slow");
    EXPECT_TRUE(reports_.all.empty());
    EXPECT_TRUE(patient_->jobs.empty());
}

TEST_F(Running, AfterItsCloseNothingIsReported) {
    run("slow");
    runner_.close();
    patient_->jobs.at(0)->failed({"E", "c"});
    EXPECT_EQ(reports_.all.size(), 1U);
}

}  // namespace
}  // namespace kiln::tasks
