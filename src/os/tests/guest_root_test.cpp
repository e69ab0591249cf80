#include "os/guest_root.hpp"

#include "base/testing/kind_of.hpp"
#include "os/files.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace kiln::os {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A guest's tree and, beside it, a folder of the host that nothing in the guest may reach.
class GuestRootTest : public ::testing::Test {
  protected:
    GuestRootTest() {
        fs::create_directories(guest() / "etc");
        fs::create_directories(host());
        write_file_durably(host() / "secret", "the host's");
    }

    [[nodiscard]] fs::path guest() const { return folder_.path() / "guest"; }

    [[nodiscard]] fs::path host() const { return folder_.path() / "host"; }

    [[nodiscard]] GuestRoot root() const { return GuestRoot{guest()}; }

    [[nodiscard]] std::vector<std::string> names_on_host() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator{host()}) {
            names.push_back(entry.path().filename());
        }
        return names;
    }

    void put(std::string_view path, std::string_view bytes) const {
        write_file_durably(guest() / path, bytes);
    }

    void link(const fs::path& target, std::string_view at) const {
        fs::create_symlink(target, guest() / at);
    }

  private:
    TempDir folder_ = TempDir::unique(fs::temp_directory_path(), "kiln-guest");
};

TEST_F(GuestRootTest, ReadsAFile) {
    put("etc/hostname", "web\n");
    EXPECT_EQ(root().read("/etc/hostname"), "web\n");
    EXPECT_EQ(root().read("/etc/absent"), std::nullopt);
    EXPECT_EQ(root().read("/absent/file"), std::nullopt);
    EXPECT_EQ(root().read("/etc/hostname/below"), std::nullopt);
}

TEST_F(GuestRootTest, LongFileIsRefused) {
    put("etc/long", std::string(100, 'x'));
    EXPECT_EQ(kind_of([&] { (void)root().read("/etc/long", 99); }), ErrorKind::invalid);
}

TEST_F(GuestRootTest, LinksAreFollowedInside) {
    put("etc/real", "x");
    link("real", "etc/relative");
    link("/etc/real", "etc/absolute");
    EXPECT_EQ(root().read("/etc/relative"), "x");
    EXPECT_EQ(root().read("/etc/absolute"), "x");
}

TEST_F(GuestRootTest, AbsoluteLinkToTheHostLeadsNowhere) {
    link(host() / "secret", "etc/shadow");
    EXPECT_EQ(root().read("/etc/shadow"), std::nullopt);
}

TEST_F(GuestRootTest, ClimbingLeadsToTheGuestsOwnRoot) {
    put("top", "the guest's");
    link("../../../../../../../../top", "etc/up");
    EXPECT_EQ(root().read("/etc/up"), "the guest's");
    EXPECT_EQ(root().read("/../../../top"), "the guest's");
    EXPECT_EQ(root().read("/etc/../../host/secret"), std::nullopt);
}

TEST_F(GuestRootTest, FolderThatIsALinkToTheHostIsNotWrittenThrough) {
    link(host(), "opt");
    EXPECT_TRUE(kind_of([&] { root().write("/opt/file", "x"); }).has_value());
    EXPECT_THAT(names_on_host(), ElementsAre("secret"));
}

TEST_F(GuestRootTest, LinkAtTheTargetIsReplacedNotWrittenThrough) {
    link(host() / "secret", "etc/machine-id");
    root().write("/etc/machine-id", "");
    EXPECT_EQ(read_file(host() / "secret"), "the host's");
    EXPECT_EQ(root().status("/etc/machine-id").type, GuestRoot::Type::file);
}

TEST_F(GuestRootTest, LinkToAFileOfTheGuestIsReplacedToo) {
    put("etc/real", "x");
    link("real", "etc/link");
    root().write("/etc/link", "y");
    EXPECT_EQ(root().read("/etc/real"), "x");
    EXPECT_EQ(root().read("/etc/link"), "y");
}

TEST_F(GuestRootTest, FifoIsNeitherReadNorWaitedFor) {
    ASSERT_EQ(::mkfifo((guest() / "etc/fifo").c_str(), 0600), 0);
    EXPECT_EQ(kind_of([&] { (void)root().read("/etc/fifo"); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([&] { (void)root().open("/etc/fifo", O_RDONLY); }), ErrorKind::invalid);
    EXPECT_EQ(root().status("/etc/fifo").type, GuestRoot::Type::other);
    root().write("/etc/fifo", "now a file");
    EXPECT_EQ(root().read("/etc/fifo"), "now a file");
}

TEST_F(GuestRootTest, SocketIsNotOpened) {
    const Fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = (guest() / "s").native();
    ASSERT_LT(path.size(), sizeof address.sun_path);
    path.copy(address.sun_path, path.size());
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(kind_of([&] { (void)root().read("/s"); }), ErrorKind::invalid);
}

TEST_F(GuestRootTest, FolderIsNotReadAsAFile) {
    EXPECT_EQ(kind_of([&] { (void)root().read("/etc"); }), ErrorKind::invalid);
}

TEST_F(GuestRootTest, LinkLoopIsAnError) {
    link("b", "etc/a");
    link("a", "etc/b");
    EXPECT_EQ(kind_of([&] { (void)root().read("/etc/a"); }), ErrorKind::invalid);
    EXPECT_EQ(root().status("/etc/a").type, GuestRoot::Type::link);
    EXPECT_EQ(root().status("/etc/a/below").type, GuestRoot::Type::none);
}

TEST_F(GuestRootTest, MagicLinksAreNotFollowed) {
    const auto proc = GuestRoot{"/proc/self"};
    EXPECT_EQ(kind_of([&] { (void)proc.read("/exe"); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([&] { (void)proc.list("/root/etc"); }), ErrorKind::invalid);
}

TEST_F(GuestRootTest, NulInAPathIsRefused) {
    EXPECT_EQ(
        kind_of([&] {
            (void)root().read(std::string_view{"/etc\0/x", 7});
        }),
        ErrorKind::invalid
    );
}

TEST_F(GuestRootTest, StatusIsOfTheEntryItself) {
    put("etc/file", "12345");
    ASSERT_EQ(::chmod((guest() / "etc/file").c_str(), 04750), 0);
    link("file", "etc/link");
    const auto file = root().status("/etc/file");
    EXPECT_EQ(file.type, GuestRoot::Type::file);
    EXPECT_EQ(file.size, 5U);
    EXPECT_EQ(file.mode, 04750U);
    EXPECT_EQ(file.uid, ::getuid());
    EXPECT_EQ(root().status("/etc/link").type, GuestRoot::Type::link);
    EXPECT_EQ(root().status("/").type, GuestRoot::Type::folder);
    EXPECT_FALSE(root().exists("/etc/absent"));
}

TEST_F(GuestRootTest, ReadsALinksTarget) {
    link("/any/where", "etc/link");
    EXPECT_EQ(root().read_link("/etc/link"), "/any/where");
    put("etc/file", "");
    EXPECT_EQ(kind_of([&] { (void)root().read_link("/etc/file"); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([&] { (void)root().read_link("/etc/absent"); }), ErrorKind::not_found);
}

TEST_F(GuestRootTest, ListsAFolderSorted) {
    put("etc/b", "");
    put("etc/a", "");
    EXPECT_THAT(root().list("/etc"), ElementsAre("a", "b"));
    EXPECT_THAT(root().list("/absent"), IsEmpty());
    EXPECT_THAT(root().list("/etc/a"), IsEmpty());
}

TEST_F(GuestRootTest, WriteMakesFoldersAndSetsTheMode) {
    const auto before = ::umask(0077);
    root().write("/var/lib/kiln/file", "x", 0640);
    ::umask(before);
    EXPECT_EQ(root().read("/var/lib/kiln/file"), "x");
    EXPECT_EQ(root().status("/var/lib/kiln/file").mode, 0640U);
    EXPECT_EQ(root().status("/var/lib/kiln").mode, 0755U);
    EXPECT_THAT(root().list("/var/lib/kiln"), ElementsAre("file"));
}

TEST_F(GuestRootTest, WriteThroughAFolderLinkStaysInside) {
    fs::create_directories(guest() / "usr/etc");
    link("/usr/etc", "config");
    root().write("/config/file", "x");
    EXPECT_EQ(root().read("/usr/etc/file"), "x");
}

TEST_F(GuestRootTest, FolderInTheWayOfAFileIsReplaced) {
    fs::create_directories(guest() / "etc/machine-id/deep");
    root().write("/etc/machine-id", "x");
    EXPECT_EQ(root().read("/etc/machine-id"), "x");
    EXPECT_THAT(root().list("/etc"), ElementsAre("machine-id"));
}

TEST_F(GuestRootTest, FailedWriteLeavesNothingBeside) {
    put("file", "x");
    EXPECT_TRUE(kind_of([&] { root().write("/file/below", "x"); }).has_value());
    EXPECT_THAT(root().list("/"), ElementsAre("etc", "file"));
}

TEST_F(GuestRootTest, RemoveTakesFilesLinksAndFolders) {
    put("etc/file", "");
    link(host(), "etc/link");
    fs::create_directories(guest() / "etc/folder/deep");
    link(host(), "etc/folder/deep/link");
    for (const auto* path : {"/etc/file", "/etc/link", "/etc/folder", "/etc/absent", "/no/where"}) {
        root().remove(path);
    }
    EXPECT_THAT(root().list("/etc"), IsEmpty());
    EXPECT_THAT(names_on_host(), ElementsAre("secret"));
}

TEST_F(GuestRootTest, RemoveThroughALinkStaysInside) {
    link(host(), "opt");
    root().remove("/opt/secret");
    EXPECT_THAT(names_on_host(), ElementsAre("secret"));
}

TEST_F(GuestRootTest, PathThatNamesNoEntryIsNeitherRemovedNorWritten) {
    for (const auto* path : {"/", "", "/etc/..", "/etc/.", ".."}) {
        EXPECT_EQ(kind_of([&] { root().remove(path); }), ErrorKind::invalid) << path;
        EXPECT_EQ(kind_of([&] { root().write(path, ""); }), ErrorKind::invalid) << path;
    }
}

TEST_F(GuestRootTest, RenameStaysInside) {
    put("etc/file", "x");
    link(host(), "opt");
    root().rename("/etc/file", "/etc/new");
    EXPECT_EQ(root().read("/etc/new"), "x");
    EXPECT_EQ(kind_of([&] { root().rename("/etc/new", "/opt/new"); }), ErrorKind::not_found);
    EXPECT_EQ(kind_of([&] { root().rename("/etc/absent", "/x"); }), ErrorKind::not_found);
}

TEST_F(GuestRootTest, OpenMakesAFileInsideOnly) {
    {
        const auto fd = root().open("/etc/new", O_WRONLY | O_CREAT, 0600);
        write_all(fd, "x");
    }
    EXPECT_EQ(root().read("/etc/new"), "x");
    EXPECT_EQ(
        kind_of([&] { (void)root().open("/etc/new", O_WRONLY | O_CREAT | O_EXCL, 0600); }),
        ErrorKind::conflict
    );
    link(host() / "made", "etc/trap");
    EXPECT_TRUE(kind_of([&] { (void)root().open("/etc/trap", O_WRONLY | O_CREAT, 0600); }
    ).has_value());
    EXPECT_THAT(names_on_host(), ElementsAre("secret"));
}

TEST_F(GuestRootTest, OpenWithoutFollowingRefusesALink) {
    put("etc/file", "x");
    link("file", "etc/link");
    EXPECT_TRUE(kind_of([&] { (void)root().open("/etc/link", O_RDONLY | O_NOFOLLOW); }).has_value()
    );
    EXPECT_EQ(read_all(root().open("/etc/link", O_RDONLY)), "x");
}

TEST_F(GuestRootTest, ErrorsSayThatThePathIsTheImages) {
    EXPECT_THAT(
        message_of([&] { (void)root().open("/etc/absent", O_RDONLY); }),
        HasSubstr("image:/etc/absent")
    );
}

}  // namespace
}  // namespace kiln::os
