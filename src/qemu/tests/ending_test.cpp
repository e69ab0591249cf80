#include "qemu/ending.hpp"

#include <csignal>

#include <gtest/gtest.h>

namespace kiln::qemu {
namespace {

using What = compute::GuestEnd::What;

struct Row {
    const char* name;
    Ending ending;
    What what;
    const char* why;
};

class EndOfMachine : public ::testing::TestWithParam<Row> {};

TEST_P(EndOfMachine, MeansForTheInstance) {
    const auto end = end_of_machine(GetParam().ending);
    EXPECT_EQ(end.what, GetParam().what);
    EXPECT_NE(end.why.find(GetParam().why), std::string::npos) << end.why;
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    EndOfMachine,
    ::testing::Values(
        Row{"PowerOff", {{0, 0}, "guest-shutdown", false, false, ""}, What::powered_off, ""},
        Row{"Reset", {{0, 0}, "guest-reset", false, false, ""}, What::rebooted, ""},
        Row{"PowerOffAfterAskedToReboot",
            {{0, 0}, "guest-shutdown", false, true, ""},
            What::rebooted,
            ""},
        Row{"Panic", {{0, 0}, "guest-panic", true, false, ""}, What::failed, "panicked"},
        Row{"PanicThenReset", {{0, 0}, "guest-reset", true, false, ""}, What::failed, "panicked"},
        Row{"Killed", {{0, SIGKILL}, "", false, false, ""}, What::failed, "SIGKILL"},
        Row{"OwnFailure",
            {{1, 0}, "", false, false, "cannot set up guest memory"},
            What::failed,
            "exit 1): cannot set up guest memory"},
        Row{"SignalFromOutside",
            {{0, 0}, "host-signal", false, false, ""},
            What::failed,
            "host-signal"},
        Row{"Silence", {{0, 0}, "", false, false, ""}, What::failed, "without saying why"}
    ),
    [](const auto& row) { return std::string{row.param.name}; }
);

}  // namespace
}  // namespace kiln::qemu
