#include "cli/bake_runner.hpp"

#include <gmock/gmock.h>

namespace kiln::cli {
namespace {

ports::BakeRecord record(ports::BakeState state, json::value result = nullptr) {
    ports::BakeRecord one;
    one.id = BakeId::trusted("bake-0123456789abcdef0");
    one.state = state;
    one.result = std::move(result);
    return one;
}

ports::BakeRecord failed(const char* kind) {
    return record(ports::BakeState::failed, {{"error", {{"kind", kind}}}});
}

struct Row {
    std::string name;
    std::vector<BakeOutcome> outcomes;
    int code;
};

class ExitCodeOfBakes : public ::testing::TestWithParam<Row> {};

TEST_P(ExitCodeOfBakes, StandsForAllOfThem) {
    EXPECT_EQ(exit_code_of(GetParam().outcomes), GetParam().code);
}

using ports::BakeState;

INSTANTIATE_TEST_SUITE_P(
    Cli,
    ExitCodeOfBakes,
    ::testing::Values(
        Row{"Succeeded", {record(BakeState::succeeded)}, 0},
        Row{"CommandFailed", {failed("internal")}, 1},
        Row{"DiskFull", {failed("exhausted")}, 6},
        Row{"TimedOut", {failed("timed_out")}, 7},
        Row{"FailedWithoutAnError", {record(BakeState::failed)}, 1},
        Row{"Refused", {Error{ErrorKind::not_found, "no parent"}}, 4},
        Row{"CancelledByUser", {record(BakeState::cancelled)}, 130},
        Row{"Interrupted", {record(BakeState::interrupted)}, 7},
        Row{"AllSucceeded", {record(BakeState::succeeded), record(BakeState::succeeded)}, 0},
        Row{"OneFailed", {record(BakeState::succeeded), failed("exhausted")}, 6},
        Row{"FailedAlike", {failed("exhausted"), failed("exhausted")}, 6},
        Row{"FailedEachInItsWay", {failed("exhausted"), failed("timed_out")}, 1},
        Row{"StoppedWinsOverFailed",
            {failed("exhausted"), Error{ErrorKind::cancelled, "stopped"}},
            130}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(BakeDocument, IsTheRecordsResult) {
    EXPECT_EQ(
        document_of(record(ports::BakeState::succeeded, {{"image", "ami-1"}})),
        (json::object{{"image", "ami-1"}})
    );
}

TEST(BakeDocument, OfARefusedRequestIsTheError) {
    const auto document = document_of(Error{ErrorKind::not_found, "no parent"});
    EXPECT_EQ(document.at("error").at("kind"), json::value("not_found"));
}

}  // namespace
}  // namespace kiln::cli
