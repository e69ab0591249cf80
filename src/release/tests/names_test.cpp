#include "release/names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::release {
namespace {

const TimePoint kTime = std::chrono::sys_days{std::chrono::year{2026} / 3 / 7} +
                        std::chrono::hours{9} + std::chrono::minutes{5} + std::chrono::seconds{4};

TEST(Names, OfActivitiesAreThoseOfThePredecessor) {
    EXPECT_EQ(activity_name("hhvm", "MakeSourceTarball"), "hhvm-make-source-tarball");
    EXPECT_EQ(kebab("UpdateOSImage2"), "update-os-image2");
    EXPECT_LE(activity_name(std::string(40, 'p'), std::string(64, 'S')).size(), 80U);
    EXPECT_NE(
        activity_name(std::string(40, 'p'), std::string(63, 'S') + "a"),
        activity_name(std::string(40, 'p'), std::string(63, 'S') + "b")
    );
}

TEST(Names, OfTasksSayStepVersionAndDistro) {
    EXPECT_EQ(
        task_name("MakeBinaryPackage", "4.26.1", "ubuntu-18.04-bionic"),
        "MakeBinaryPackage-4.26.1-ubuntu-18.04-bionic"
    );
    EXPECT_EQ(task_name("MakeSourceTarball", "4.26.1", ""), "MakeSourceTarball-4.26.1");
    EXPECT_EQ(task_name("UpdateIndices", "", ""), "UpdateIndices");
}

TEST(Names, OfExecutionsSayWordsUserAndTime) {
    EXPECT_THAT(
        execution_name({"4.26.1", "ubuntu-18.04-bionic"}, "ann", kTime),
        testing::MatchesRegex("4.26.1_ubuntu-18.04-bionic-[0-9a-f]{8}-ann-20260307-090504")
    );
    EXPECT_THAT(
        execution_name({}, "", kTime, "x1"),
        testing::MatchesRegex("all-[0-9a-f]{8}-nobody-20260307-090504-x1")
    );
}

TEST(Names, OfExecutionsAreOnesThatAwsTakes) {
    const auto name = execution_name(
        {std::string(200, 'w'), "a/b:c", "ü"}, "a user with a long name", kTime, "123456"
    );
    EXPECT_LE(name.size(), 80U);
    EXPECT_THAT(name, testing::MatchesRegex("[A-Za-z0-9._-]+"));
}

TEST(Names, OfExecutionsBeginAlikeForTheSameWordsAlone) {
    const std::vector<std::string> words{std::string(40, 'w'), "a"};
    EXPECT_TRUE(execution_name(words, "ann", kTime).starts_with(execution_prefix(words)));
    EXPECT_NE(execution_prefix(words), execution_prefix({std::string(40, 'w'), "b"}));
    EXPECT_NE(execution_prefix({"a_b"}), execution_prefix({"a", "b"}));
}

}  // namespace
}  // namespace kiln::release
