#include "cli/config.hpp"

#include "base/error.hpp"
#include "os/files.hpp"

#include <fstream>

#include <gmock/gmock.h>

namespace kiln::cli {
namespace {

using ::testing::HasSubstr;

class LoadSettings : public ::testing::Test {
  protected:
    void write(const std::filesystem::path& name, const std::string& text) const {
        std::ofstream{folder.path() / name} << text;
    }

    [[nodiscard]] Settings load(const SettingFlags& flags = {}) const {
        return load_settings(
            {"/nonexistent/kiln", 8}, flags, {{"KILN_HOME", folder.path().string()}}
        );
    }

    os::TempDir folder = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-config");
};

TEST_F(LoadSettings, TheFileInTheHomeFolderIsRead) {
    write("kiln.toml", "[bake]\nconcurrency = 3\n");
    const auto settings = load();
    EXPECT_EQ(settings.whole("bake.concurrency"), 3);
    EXPECT_EQ(settings.text("home"), folder.path().string());
}

TEST_F(LoadSettings, AnotherFileTakesItsPlace) {
    write("kiln.toml", "[bake]\nconcurrency = 3\n");
    write("other.toml", "[log]\nlevel = \"debug\"\n");
    SettingFlags flags;
    flags.config = folder.path() / "other.toml";
    const auto settings = load(flags);
    EXPECT_EQ(settings.whole("bake.concurrency"), 8) << "the number of cores";
    EXPECT_EQ(settings.text("log.level"), "debug");
}

TEST_F(LoadSettings, AFileThatIsAskedForMustBeThere) {
    SettingFlags flags;
    flags.config = folder.path() / "none.toml";
    try {
        (void)load(flags);
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::not_found);
        EXPECT_THAT(error.message(), HasSubstr("none.toml"));
    }
}

TEST_F(LoadSettings, TheFileInTheHomeFolderCannotMoveIt) {
    write("kiln.toml", "home = \"/srv/kiln\"\n");
    EXPECT_THROW((void)load_settings({folder.path(), 1}, {}, {}), Error);
}

TEST_F(LoadSettings, AFileElsewhereMayNameTheHome) {
    write("other.toml", "home = \"/srv/kiln\"\n");
    SettingFlags flags;
    flags.config = folder.path() / "other.toml";
    EXPECT_EQ(load_settings({"/nonexistent", 1}, flags, {}).text("home"), "/srv/kiln");
    EXPECT_EQ(load(flags).text("home"), folder.path().string()) << "the environment is stronger";
}

TEST_F(LoadSettings, TheHomeFlagIsStrongerThanTheEnvironment) {
    SettingFlags flags;
    flags.home = "/srv/flag";
    EXPECT_EQ(load(flags).text("home"), "/srv/flag");
}

struct Refused {
    std::string name;
    std::string setting;
    std::string message;
};

class SettingRefused : public ::testing::TestWithParam<Refused> {};

TEST_P(SettingRefused, SaysWhatWouldBeRight) {
    SettingFlags flags;
    flags.set = {GetParam().setting};
    try {
        (void)load_settings({"/nonexistent", 1}, flags, {});
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_THAT(error.message(), HasSubstr(GetParam().message));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Cli,
    SettingRefused,
    ::testing::Values(
        Refused{"RelativeHome", "home=kiln", "not an absolute path"},
        Refused{"NoBakesAtOnce", "bake.concurrency=0", "from 1 to 1024"},
        Refused{"DeadlineBelowASecond", "bake.deadline=10ms", "whole seconds, from 1s to 7d"},
        Refused{"DeadlineOfMonths", "bake.deadline=90d", "whole seconds, from 1s to 7d"},
        Refused{"AccountTooShort", "local.account=12", "12 digits"},
        Refused{"FlattenEverything", "local.flatten_depth=1", "from 2 to 200"},
        Refused{"UnknownAccelerator", "boot_test.accelerator=kwm", "did you mean \"kvm\"?"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(Config, EveryDefaultIsValidAndTyped) {
    const auto config = config_from(load_settings({"/nonexistent", 6}, {}, {}));
    EXPECT_EQ(config.bake_concurrency, 6U);
    EXPECT_EQ(config.bake_deadline, std::chrono::hours{1});
    EXPECT_EQ(config.bake_hang_after, std::chrono::minutes{15});
    EXPECT_EQ(config.bake_keep_records, std::chrono::days{30});
    EXPECT_EQ(config.checkpoint_budget, Bytes{std::uint64_t{20} << 30});
    EXPECT_EQ(config.local_min_free, Bytes{std::uint64_t{64} << 20});
    EXPECT_EQ(config.local_account, "000000000000");
    EXPECT_EQ(config.log_level, LogLevel::warning);
}

}  // namespace
}  // namespace kiln::cli
