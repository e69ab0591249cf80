#include "cli/run.hpp"

#include "fake_services.hpp"

#include <gmock/gmock.h>

namespace kiln::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Command lines against a world in memory.
class Run : public ::testing::Test {
  protected:
    Run() {
        add_image("debian-12");
        add_image("web@main@42");
    }

    ports::Image& add_image(const std::string& name) {
        ports::Image image;
        image.id = ImageId::trusted("ami-0000000000000000" + std::to_string(made++));
        image.name = name;
        image.owner = "self";
        image.architecture = "x86_64";
        image.state = ports::ImageState::available;
        image.root_snapshot = SnapshotId::random();
        image.size = Bytes{std::uint64_t{2} << 30};
        image.created = world.clock.now();
        return world.images.images[image.id] = image;
    }

    int run(const std::vector<std::string>& words) {
        out.clear();
        err.clear();
        const Process process{
            .output =
                {[&](std::string_view text) { out += text; },
                 [&](std::string_view text) { err += text; },
                 {},
                 {}},
            .host = {"/nonexistent/kiln", 4},
            .environment = environment,
            .version = "1.2.3",
            .enter_private_mounts = [&] { order.push_back("mounts"); },
            .services =
                [&](const Config&, const SettingFlags&, Needs) {
                    order.push_back("services");
                    return std::make_unique<testing::FakeServices>(world);
                },
            .watch_signals = [&](const std::stop_source&,
                                 const std::stop_source&) -> std::shared_ptr<void> {
                order.push_back("signals");
                return nullptr;
            },
        };
        return cli::run(grammar(), words, process);
    }

    testing::FakeWorld world;
    int made = 0;
    std::vector<std::pair<std::string, std::string>> environment;
    std::vector<std::string> order;
    std::string out, err;
};

TEST_F(Run, TheVersionIsOneLine) {
    EXPECT_EQ(run({"--version"}), 0);
    EXPECT_EQ(out, "kiln 1.2.3\n");
    EXPECT_THAT(order, IsEmpty()) << "nothing is opened for it";
}

TEST_F(Run, AListingIsATableForPeople) {
    EXPECT_EQ(run({"image", "list"}), 0);
    EXPECT_THAT(
        out, HasSubstr("ami-00000000000000001  web@main@42  x86_64  2.0 GiB  2026-01-01T00:00:00Z")
    );
    EXPECT_EQ(err, "");
}

TEST_F(Run, AListingIsOneDocumentForPrograms) {
    EXPECT_EQ(run({"image", "list", "--json"}), 0);
    const auto document = parse_json(out);
    ASSERT_EQ(document.as_array().size(), 2U);
    EXPECT_EQ(document.at(0).at("name"), json::value("debian-12"));
    EXPECT_EQ(err, "");
}

TEST_F(Run, AnEmptyListingIsAnEmptyDocument) {
    EXPECT_EQ(run({"volume", "list", "--json"}), 0);
    EXPECT_EQ(parse_json(out), json::value(json::array{}));
}

TEST_F(Run, AnImageIsFoundByIdAndByName) {
    EXPECT_EQ(run({"image", "show", "web@main@42"}), 0);
    EXPECT_THAT(out, HasSubstr("ami-00000000000000001"));
    EXPECT_EQ(run({"image", "show", "ami-00000000000000001"}), 0);
    EXPECT_THAT(out, HasSubstr("web@main@42"));
}

TEST_F(Run, ANameWithAWildcardIsTakenLiterally) {
    EXPECT_EQ(run({"image", "show", "web@*"}), 4);
}

TEST_F(Run, AnUnknownImageIsNotFoundWithASuggestion) {
    EXPECT_EQ(run({"image", "show", "debain-12"}), 4);
    EXPECT_EQ(out, "");
    EXPECT_EQ(
        err, "kiln: no image \"debain-12\"; did you mean \"debian-12\"?\nhint: kiln image list\n"
    );
}

TEST_F(Run, WithJsonAnErrorIsTheDocument) {
    EXPECT_EQ(run({"image", "show", "debain-12", "--json"}), 4);
    EXPECT_EQ(err, "");
    const auto error = parse_json(out).at("error");
    EXPECT_EQ(error.at("kind"), json::value("not_found"));
    EXPECT_THAT(std::string{error.at("message").as_string()}, HasSubstr("did you mean"));
    EXPECT_TRUE(error.at("where").is_null());
}

TEST_F(Run, WithJsonAMisspeltFlagIsADocumentToo) {
    EXPECT_EQ(run({"image", "list", "--json", "--nmae", "x"}), 2);
    EXPECT_EQ(parse_json(out).at("error").at("kind"), json::value("invalid"));
}

TEST_F(Run, AnErrorWithPlacesNamesThem) {
    EXPECT_EQ(run({"gc", "--set", "log.levl=debug", "--json"}), 2);
    const auto error = parse_json(out).at("error");
    EXPECT_EQ(error.at("where"), json::value("--set log.levl"));
    EXPECT_EQ(error.at("problems").as_array().size(), 1U);
}

TEST_F(Run, AnUnknownVariableStopsEveryVerb) {
    environment = {{"KILN_BAKE_CONCURENCY", "4"}};
    EXPECT_EQ(run({"image", "list"}), 2);
    EXPECT_THAT(err, HasSubstr("did you mean \"KILN_BAKE_CONCURRENCY\"?"));
}

TEST_F(Run, TheMountNamespaceIsEnteredBeforeAnyThreadStarts) {
    EXPECT_EQ(run({"bake", "verify", "debian-12"}), 7);
    EXPECT_THAT(order, ElementsAre("mounts", "signals", "services"));
}

TEST_F(Run, WhatMountsNothingStaysInTheCommonNamespace) {
    EXPECT_EQ(run({"image", "list"}), 0);
    EXPECT_THAT(order, ElementsAre("signals", "services"));
}

TEST_F(Run, ARemovedImageTakesItsSnapshotAlong) {
    const auto snapshot = world.images.images.begin()->second.root_snapshot;
    EXPECT_EQ(run({"image", "rm", "debian-12"}), 0);
    EXPECT_EQ(world.images.images.size(), 1U);
    EXPECT_THAT(world.snapshots.removed, ElementsAre(snapshot));
    EXPECT_EQ(out, "");
}

TEST_F(Run, ASnapshotStaysWhereAskedForOrWhereAnotherImageStandsOnIt) {
    EXPECT_EQ(run({"image", "rm", "debian-12", "--keep-snapshot"}), 0);
    const auto twin = add_image("twin@1").root_snapshot;
    add_image("twin@2").root_snapshot = twin;
    EXPECT_EQ(run({"image", "rm", "twin@1"}), 0);
    EXPECT_THAT(world.snapshots.removed, IsEmpty());
}

TEST_F(Run, NoImageGoesWhenOneOfTheNamesIsUnknown) {
    EXPECT_EQ(run({"image", "rm", "debian-12", "nothing"}), 4);
    EXPECT_EQ(world.images.images.size(), 2U);
}

TEST_F(Run, ABadNameIsRefusedBeforeTheImageIsTouched) {
    EXPECT_EQ(run({"image", "rename", "debian-12", "x"}), 2);
    EXPECT_EQ(run({"image", "rename", "debian-12", "debian-12-old"}), 0);
    EXPECT_EQ(world.images.images.begin()->second.name, "debian-12-old");
}

TEST_F(Run, TagsAreReadAsPairs) {
    EXPECT_EQ(run({"image", "tag", "debian-12", "team=web", "note=a=b"}), 0);
    EXPECT_EQ(
        world.tags.set_on.at("ami-00000000000000000"),
        (ports::Tags{{"team", "web"}, {"note", "a=b"}})
    );
    EXPECT_EQ(run({"image", "tag", "debian-12", "team"}), 2);
    EXPECT_THAT(err, HasSubstr("team: is not KEY=VALUE"));
}

TEST_F(Run, SharingWantsAnAccountNumber) {
    EXPECT_EQ(run({"image", "share", "debian-12"}), 2);
    EXPECT_EQ(run({"image", "share", "debian-12", "--with", "12"}), 2);
    EXPECT_THAT(err, HasSubstr("12 digits"));
    EXPECT_EQ(run({"image", "share", "debian-12", "--with", "111122223333"}), 0);
}

TEST_F(Run, AVolumeIsKeptWhenItWasMadeAndItsIdIsTheAnswer) {
    EXPECT_EQ(run({"volume", "create", "--size", "1GiB"}), 0);
    ASSERT_EQ(world.volumes.volumes.size(), 1U);
    EXPECT_EQ(out, world.volumes.volumes.begin()->first.str() + "\n");
}

TEST_F(Run, AJobThatFailedIsUndone) {
    world.volumes.fail = true;
    EXPECT_EQ(run({"volume", "create", "--size", "1GiB"}), 6);
    EXPECT_EQ(world.undone.size(), 1U);
}

TEST_F(Run, DoctorFailsOnlyWhereBakesCannotWork) {
    world.facts.root = world.facts.fuse_device = world.facts.loop_control = true;
    world.facts.fuse_export = world.facts.fusectl = true;
    world.facts.cgroup_controllers = {"memory", "pids"};
    world.facts.kvm_problem = "there is no /dev/kvm";
    world.facts.free = Bytes{std::uint64_t{100} << 30};
    EXPECT_EQ(run({"doctor"}), 0);
    world.facts.root = false;
    EXPECT_EQ(run({"doctor", "--json"}), 1);
    EXPECT_EQ(parse_json(out).at("ok"), json::value(false));
}

TEST_F(Run, TheSettingsAreShownWithTheirOrigin) {
    environment = {{"KILN_LOG_LEVEL", "error"}};
    EXPECT_EQ(run({"config", "show", "--json", "--set", "bake.concurrency=3"}), 0);
    const auto all = parse_json(out);
    EXPECT_EQ(
        all.at("bake.concurrency"), (json::value{{"value", 3}, {"from", "--set bake.concurrency"}})
    );
    EXPECT_EQ(all.at("log.level").at("from"), json::value("KILN_LOG_LEVEL"));
    EXPECT_EQ(all.at("local.account").at("value"), json::value("000000000000"));
}

TEST_F(Run, TheLogOfABakeIsPrinted) {
    ports::BakeRecord record;
    record.id = BakeId::random();
    record.key = std::string(64, 'a');
    record.name = "web";
    record.created = world.clock.now();
    (void)world.bakes.begin(record, false);
    ports::BakeEvent event;
    event.sequence = 1;
    event.category = "LOG";
    event.time = world.clock.now();
    event.step = "run";
    event.message = "hello";
    world.bakes.append(record.id, 1, {event}, std::nullopt);
    EXPECT_EQ(run({"bake", "logs", "web"}), 0);
    EXPECT_EQ(out, "00:00:00 run        | hello\n");
    EXPECT_EQ(run({"bake", "logs", record.id.str(), "--json"}), 0);
    EXPECT_EQ(parse_json(out).as_array().size(), 1U);
    EXPECT_EQ(run({"bake", "logs", "wbe"}), 4);
    EXPECT_THAT(err, HasSubstr("did you mean \"web\"?"));
}

}  // namespace
}  // namespace kiln::cli
