#include "jail/systemctl_wrapper.hpp"

#include "os/fd.hpp"
#include "os/files.hpp"
#include "os/spawn.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <sys/stat.h>

namespace kiln::jail {
namespace {

using ::testing::HasSubstr;

/// The wrapper before a systemctl that says what it was asked.
class Wrapper : public ::testing::Test {
  protected:
    void SetUp() override {
        put("wrapped/systemctl", systemctl_wrapper());
        put("real/systemctl", "#!/bin/sh\necho \"real: $*\"\n");
    }

    void put(const std::string& name, std::string_view text) {
        const auto path = folder_.path() / name;
        std::filesystem::create_directory(path.parent_path());
        os::write_file_durably(path, text, 0755);
    }

    os::Captured systemctl(std::vector<std::string> words, const std::string& real = "real") {
        const auto wrapped = folder_.path() / "wrapped";
        words.insert(words.begin(), wrapped / "systemctl");
        os::Command command;
        command.argv = std::move(words);
        command.environment = {
            {"PATH", fmt::format("{}::{}", wrapped.native(), (folder_.path() / real).native())}};
        return os::run_captured(command);
    }

    os::TempDir folder_ = os::TempDir::unique(::testing::TempDir(), "wrapper");
};

TEST_F(Wrapper, StartsNothingAndSaysSo) {
    const auto result = systemctl({"--quiet", "restart", "nginx.service"});
    EXPECT_EQ(result.status.code, 0);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(
        result.err,
        "kiln: 'systemctl --quiet restart nginx.service' is left out: no service runs while an "
        "image is made\n"
    );
}

TEST_F(Wrapper, LeavesOutEveryVerbThatTouchesARunningSystem) {
    for (const auto* verb :
         {"start",
          "stop",
          "restart",
          "reload",
          "try-restart",
          "reload-or-restart",
          "daemon-reload",
          "daemon-reexec",
          "kill",
          "isolate",
          "reset-failed"}) {
        EXPECT_EQ(systemctl({verb}).out, "") << verb;
    }
}

TEST_F(Wrapper, HandsAllElseOn) {
    EXPECT_EQ(systemctl({"enable", "--now", "nginx"}).out, "real: enable --now nginx\n");
    EXPECT_EQ(systemctl({"is-enabled", "start"}).out, "real: is-enabled start\n");
    EXPECT_EQ(systemctl({}).out, "real: \n");
}

TEST_F(Wrapper, DoesNotTakeAnOptionsValueForTheVerb) {
    EXPECT_EQ(systemctl({"-t", "start", "list-units"}).out, "real: -t start list-units\n");
    EXPECT_THAT(systemctl({"--root", "/mnt", "stop", "x"}).err, HasSubstr("is left out"));
}

TEST_F(Wrapper, SaysWhenTheImageHasNone) {
    const auto result = systemctl({"enable", "x"}, "none");
    EXPECT_EQ(result.status.code, 127);
    EXPECT_THAT(result.err, HasSubstr("no systemctl"));
}

}  // namespace
}  // namespace kiln::jail
