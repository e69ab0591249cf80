#include "base/error.hpp"
#include "jail/jail.hpp"
#include "jail/mount_points.hpp"
#include "jail/systemctl_wrapper.hpp"
#include "jail/visitor.hpp"
#include "os/fd.hpp"
#include "os/files.hpp"

#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>

namespace kiln::jail {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A tree that stands for an image.
class Guest : public ::testing::Test {
  protected:
    [[nodiscard]] fs::path root() const { return folder_.path(); }

    [[nodiscard]] fs::path at(std::string_view path) const { return root() / path.substr(1); }

    void put(std::string_view path, std::string_view text) const {
        fs::create_directories(at(path).parent_path());
        os::write_file_durably(at(path), text);
    }

    void folder(std::string_view path) const { fs::create_directories(at(path)); }

    void link(std::string_view path, std::string_view target) const {
        fs::create_directories(at(path).parent_path());
        fs::create_symlink(target, at(path));
    }

    [[nodiscard]] std::string text(std::string_view path) const { return os::read_file(at(path)); }

    /// Every entry with all that a trace could be seen by: type, mode, times, link or content.
    [[nodiscard]] std::map<std::string, std::string> listing() const {
        std::map<std::string, std::string> entries{{"", described(root())}};
        for (const auto& entry : fs::recursive_directory_iterator{root()}) {
            entries[entry.path().lexically_relative(root())] = described(entry.path());
        }
        return entries;
    }

    static std::string described(const fs::path& path) {
        struct stat status {};

        ::lstat(path.c_str(), &status);
        const auto content = S_ISREG(status.st_mode)   ? os::read_file(path)
                             : S_ISLNK(status.st_mode) ? fs::read_symlink(path).native()
                                                       : "";
        return fmt::format(
            "{:o} {}.{} {} {}",
            status.st_mode,
            status.st_mtim.tv_sec,
            status.st_mtim.tv_nsec,
            status.st_ino,
            content
        );
    }

    os::TempDir folder_ = os::TempDir::unique(::testing::TempDir(), "guest");
};

// Visitor

TEST_F(Guest, AVisitorTakesThePlaceAndLeavesNoTrace) {
    put("/etc/resolv.conf", "mine");
    const auto before = listing();
    os::GuestRoot guest{root()};
    {
        Visitor visitor{guest, "/etc/resolv.conf", "host's", 0640};
        EXPECT_EQ(text("/etc/resolv.conf"), "host's");
        EXPECT_EQ(guest.status("/etc/resolv.conf").mode, 0640U);
    }
    EXPECT_EQ(listing(), before);
}

TEST_F(Guest, AVisitorWhereNothingStoodLeavesNoTrace) {
    folder("/usr/sbin");
    const auto before = listing();
    os::GuestRoot guest{root()};
    {
        Visitor visitor{guest, "/usr/sbin/policy-rc.d", "x", 0755};
        EXPECT_NE(listing(), before);
    }
    EXPECT_EQ(listing(), before);
}

TEST_F(Guest, ALinkComesBackAsALink) {
    link("/etc/resolv.conf", "/nowhere/else");
    const auto before = listing();
    os::GuestRoot guest{root()};
    {
        Visitor visitor{guest, "/etc/resolv.conf", "host's", 0644};
        EXPECT_EQ(text("/etc/resolv.conf"), "host's");
    }
    EXPECT_EQ(listing(), before);
}

TEST_F(Guest, AFileThatTheCommandReplacedStays) {
    put("/etc/resolv.conf", "mine");
    os::GuestRoot guest{root()};
    {
        Visitor visitor{guest, "/etc/resolv.conf", "host's", 0644};
        put("/etc/resolv.conf", "the package's");  // by renaming, as dpkg does
    }
    EXPECT_EQ(text("/etc/resolv.conf"), "the package's");
    EXPECT_FALSE(guest.exists("/etc/.kiln-resolv.conf"));
}

TEST_F(Guest, AFileThatTheCommandWroteIntoStays) {
    put("/etc/resolv.conf", "mine");
    os::GuestRoot guest{root()};
    {
        Visitor visitor{guest, "/etc/resolv.conf", "host's", 0644};
        std::ofstream{at("/etc/resolv.conf")} << "edited";
    }
    EXPECT_EQ(text("/etc/resolv.conf"), "edited");
}

TEST_F(Guest, AFileThatTheCommandMadeAnewWithTheSameBytesStays) {
    put("/etc/resolv.conf", "mine");
    os::GuestRoot guest{root()};
    {
        Visitor visitor{guest, "/etc/resolv.conf", "host's", 0644};
        put("/etc/resolv.conf", "host's");
    }
    EXPECT_EQ(text("/etc/resolv.conf"), "host's");
}

TEST_F(Guest, AFileThatTheCommandRemovedStaysAway) {
    put("/etc/resolv.conf", "mine");
    os::GuestRoot guest{root()};
    {
        Visitor visitor{guest, "/etc/resolv.conf", "host's", 0644};
        fs::remove(at("/etc/resolv.conf"));
    }
    EXPECT_THAT(os::GuestRoot{root()}.list("/etc"), IsEmpty());
}

TEST_F(Guest, AFolderThatTheCommandChangedKeepsItsNewTime) {
    put("/etc/resolv.conf", "mine");
    const std::array<std::timespec, 2> old{std::timespec{1, 0}, std::timespec{1, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, at("/etc").c_str(), old.data(), 0), 0);
    os::GuestRoot guest{root()};
    Visitor visitor{guest, "/etc/resolv.conf", "host's", 0644};
    const std::array<std::timespec, 2> changed{std::timespec{5, 0}, std::timespec{5, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, at("/etc").c_str(), changed.data(), 0), 0);
    visitor.revert();

    struct stat status {};

    ASSERT_EQ(::stat(at("/etc").c_str(), &status), 0);
    EXPECT_GT(status.st_mtim.tv_sec, 1);
}

TEST_F(Guest, WhatAKilledProcessLeftAsideComesBack) {
    put("/etc/resolv.conf", "a dead process' file");
    put("/etc/.kiln-resolv.conf", "mine");
    os::GuestRoot guest{root()};
    { Visitor visitor{guest, "/etc/resolv.conf", "host's", 0644}; }
    EXPECT_EQ(text("/etc/resolv.conf"), "mine");
    EXPECT_THAT(guest.list("/etc"), ElementsAre("resolv.conf"));
}

// leads_to

TEST_F(Guest, LinksAreFollowedInsideTheImage) {
    link("/etc/a", "../run/systemd/resolve/stub-resolv.conf");
    link("/etc/b", "/var/run/x");
    link("/var/run", "/run");
    link("/etc/c", "/../../etc/hosts");
    link("/etc/d", "e");
    link("/etc/e", "d");
    link("/run/deep", "/etc/hosts");
    const os::GuestRoot guest{root()};
    EXPECT_EQ(leads_to(guest, "/etc/a"), "/run/systemd/resolve/stub-resolv.conf");
    EXPECT_EQ(leads_to(guest, "/etc/b"), "/run/x");
    EXPECT_EQ(leads_to(guest, "/etc/c"), "/etc/hosts");
    EXPECT_EQ(leads_to(guest, "/etc/d"), std::nullopt) << "a circle";
    EXPECT_EQ(leads_to(guest, "/run/deep"), "/run/deep") << "/run is the jail's own";
    EXPECT_EQ(leads_to(guest, "/etc"), "/etc");
}

// GuestVisitors

std::string host_resolver() {
    return os::read_file("/etc/resolv.conf");
}

TEST_F(Guest, TheHostsResolverStandsWhileACommandRuns) {
    put("/etc/resolv.conf", "mine");
    const auto before = listing();
    GuestVisitors visitors{root(), Network::host};
    EXPECT_EQ(text("/etc/resolv.conf"), host_resolver());
    visitors.revert();
    EXPECT_EQ(listing(), before);
}

TEST_F(Guest, WithoutNetworkTheResolverIsTheImagesOwn) {
    put("/etc/resolv.conf", "mine");
    const GuestVisitors visitors{root(), Network::none};
    EXPECT_EQ(text("/etc/resolv.conf"), "mine");
    EXPECT_THAT(visitors.files(), IsEmpty());
}

TEST_F(Guest, AResolverThatIsALinkIntoRunIsMadeOnTheJailsRun) {
    link("/etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf");
    const auto before = listing();
    const GuestVisitors visitors{root(), Network::host};
    EXPECT_EQ(listing(), before);
    EXPECT_THAT(
        visitors.files(),
        ElementsAre(JailPlan::File{"/run/systemd/resolve/stub-resolv.conf", host_resolver(), 0644})
    );
}

TEST_F(Guest, AResolverThatIsALinkToNowhereIsReplacedForTheTime) {
    link("/etc/resolv.conf", "../nowhere/resolv.conf");
    const auto before = listing();
    {
        const GuestVisitors visitors{root(), Network::host};
        EXPECT_EQ(text("/etc/resolv.conf"), host_resolver());
        EXPECT_THAT(visitors.files(), IsEmpty());
    }
    EXPECT_EQ(listing(), before);
}

TEST_F(Guest, ServicesAreKeptFromStarting) {
    folder("/usr/sbin");
    put("/usr/bin/systemctl", "");
    const auto before = listing();
    {
        const GuestVisitors visitors{root(), Network::none};
        EXPECT_EQ(text("/usr/sbin/policy-rc.d"), policy_rc_d());
        EXPECT_EQ(os::GuestRoot{root()}.status("/usr/sbin/policy-rc.d").mode, 0755U);
        EXPECT_THAT(
            visitors.files(),
            ElementsAre(JailPlan::File{
                "/run/kiln/bin/systemctl", std::string{systemctl_wrapper()}, 0755})
        );
    }
    EXPECT_EQ(listing(), before);
}

TEST_F(Guest, AnEmptyTreeIsLeftAlone) {
    const auto before = listing();
    const GuestVisitors visitors{root(), Network::host};
    EXPECT_EQ(listing(), before);
    EXPECT_THAT(visitors.files(), IsEmpty());
}

// MountPoints

JailPlan plan_of(const fs::path& root) {
    JailPlan plan;
    plan.root = root;
    plan.command = {"true"};
    return plan;
}

TEST_F(Guest, MissingMountPointsAreMadeAndTakenBack) {
    auto plan = plan_of(root());
    plan.binds = {{"/usr", "/opt/deep/usr"}, {"/etc/passwd", "/opt/file"}};
    const auto before = listing();
    {
        const MountPoints points{plan};
        EXPECT_TRUE(fs::is_directory(at("/proc")));
        EXPECT_TRUE(fs::is_directory(at("/opt/deep/usr")));
        EXPECT_TRUE(fs::is_regular_file(at("/opt/file")));
    }
    EXPECT_EQ(listing(), before);
}

TEST_F(Guest, AMountPointThatTheCommandFilledStays) {
    auto plan = plan_of(root());
    plan.binds = {{"/usr", "/opt/usr"}};
    {
        const MountPoints points{plan};
        put("/opt/mine", "x");
    }
    EXPECT_TRUE(fs::exists(at("/opt/mine")));
    EXPECT_FALSE(fs::exists(at("/opt/usr")));
}

TEST_F(Guest, PlacesOnTheJailsOwnRunNeedNothingInTheImage) {
    for (const auto* path : {"/dev", "/proc", "/run", "/tmp"}) {
        folder(path);
    }
    auto plan = plan_of(root());
    plan.binds = {{"/usr", "/run/usr"}};
    const auto before = listing();
    const MountPoints points{plan};
    EXPECT_EQ(listing(), before);
}

struct Trap {
    std::string name;
    std::string link;
    std::string bind;
};

class GuestTrap : public Guest, public ::testing::WithParamInterface<Trap> {};

/// bubblewrap would follow the link to the host: /oldroot is the host's root while it sets up.
TEST_P(GuestTrap, ALinkOnTheWayToAMountPointIsRefused) {
    link(GetParam().link, "/oldroot/etc");
    auto plan = plan_of(root());
    if (!GetParam().bind.empty()) {
        plan.binds = {{"/usr", GetParam().bind}};
    }
    const auto before = listing();
    try {
        const MountPoints points{plan};
        FAIL() << "was taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_THAT(error.message(), HasSubstr(GetParam().link + "' is a link to '/oldroot/etc'"));
    }
    EXPECT_EQ(listing(), before) << "what was made before the refusal is gone";
}

INSTANTIATE_TEST_SUITE_P(
    Links,
    GuestTrap,
    ::testing::Values(
        Trap{"Tmp", "/tmp", ""},
        Trap{"Run", "/run", ""},
        Trap{"Proc", "/proc", ""},
        Trap{"Dev", "/dev", ""},
        Trap{"Bind", "/opt", "/opt"},
        Trap{"AboveBind", "/opt", "/opt/kiln/x"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST_F(Guest, AFileInAMountPointsPlaceIsRefused) {
    put("/tmp", "");
    EXPECT_THROW((MountPoints{plan_of(root())}), Error);
}

}  // namespace
}  // namespace kiln::jail
