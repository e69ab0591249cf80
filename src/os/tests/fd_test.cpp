#include "os/fd.hpp"

#include "base/testing/kind_of.hpp"
#include "os/files.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>

namespace kiln::os {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FdTest : public ::testing::Test {
  protected:
    TempDir folder_ = TempDir::unique(std::filesystem::temp_directory_path(), "kiln-fd");

    [[nodiscard]] std::filesystem::path path(std::string_view name) const {
        return folder_.path() / name;
    }

    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator{folder_.path()}) {
            names.push_back(entry.path().filename());
        }
        return names;
    }
};

bool is_open(int fd) {
    return ::fcntl(fd, F_GETFD) >= 0;
}

TEST_F(FdTest, OwnerClosesAtItsEnd) {
    int number = -1;
    {
        const auto fd = open_file(folder_.path(), O_RDONLY);
        number = fd.get();
        ASSERT_TRUE(is_open(number));
    }
    EXPECT_FALSE(is_open(number));
}

TEST_F(FdTest, MovedToOwnerClosesWhatItHeldBefore) {
    auto first = open_file(folder_.path(), O_RDONLY);
    auto second = open_file(folder_.path(), O_RDONLY);
    const int before = first.get();
    const int after = second.get();
    first = std::move(second);
    EXPECT_FALSE(is_open(before));
    EXPECT_EQ(first.get(), after);
}

TEST_F(FdTest, EveryDescriptorIsClosedOnExec) {
    const auto fd = open_file(folder_.path(), O_RDONLY);
    EXPECT_EQ(::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

TEST_F(FdTest, CloseReportsADescriptorThatIsNotOpen) {
    Fd wrong{1'000'000};
    EXPECT_EQ(kind_of([&] { wrong.close(); }), ErrorKind::internal);
}

TEST_F(FdTest, OpenErrorNamesThePath) {
    const auto missing = path("missing");
    EXPECT_THAT(
        message_of([&] { (void)open_file(missing, O_RDONLY); }), HasSubstr(missing.native())
    );
    EXPECT_EQ(kind_of([&] { (void)open_file(missing, O_RDONLY); }), ErrorKind::not_found);
}

TEST_F(FdTest, ReadsWhatWasWritten) {
    const std::string bytes(100'000, 'x');
    write_file_durably(path("a"), bytes);
    EXPECT_EQ(read_file(path("a")), bytes);
}

TEST_F(FdTest, ReadsAFileWhoseSizeIsNotKnownBefore) {
    EXPECT_THAT(read_file("/proc/self/status"), HasSubstr("VmRSS"));
}

TEST_F(FdTest, FileAsLongAsTheLimitIsReadAndOneByteMoreRefused) {
    write_file_durably(path("a"), "12345");
    EXPECT_EQ(read_file(path("a"), 5), "12345");
    EXPECT_EQ(kind_of([&] { (void)read_file(path("a"), 4); }), ErrorKind::invalid);
}

TEST_F(FdTest, AFileWithSecretsIsReadOnlyIfNobodyElseMay) {
    write_file_durably(path("a"), "secret");
    for (const unsigned mode : {0600U, 0400U, 0700U}) {
        std::filesystem::permissions(path("a"), std::filesystem::perms{mode});
        EXPECT_EQ(read_private_file(path("a")), "secret");
    }
    for (const unsigned mode : {0640U, 0604U, 0620U, 0601U}) {
        std::filesystem::permissions(path("a"), std::filesystem::perms{mode});
        EXPECT_EQ(kind_of([&] { (void)read_private_file(path("a")); }), ErrorKind::denied) << mode;
    }
    EXPECT_THAT(message_of([&] { (void)read_private_file(path("a")); }), HasSubstr("(mode 0601)"));
    EXPECT_EQ(kind_of([&] { (void)read_private_file(path("b")); }), ErrorKind::not_found);
}

TEST_F(FdTest, EndlessFileIsRefusedAtTheLimit) {
    EXPECT_EQ(kind_of([] { (void)read_file("/dev/zero", 100'000); }), ErrorKind::invalid);
}

TEST_F(FdTest, DurableWriteReplacesTheWholeFileAndLeavesNothingBeside) {
    write_file_durably(path("a"), "a long first version");
    write_file_durably(path("a"), "second");
    EXPECT_EQ(read_file(path("a")), "second");
    EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(FdTest, DurableWriteSetsTheModeWhateverTheUmask) {
    const auto before = ::umask(0077);
    write_file_durably(path("a"), "", 0664);
    ::umask(before);

    struct stat status {};

    ASSERT_EQ(::stat(path("a").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0664U);
}

TEST_F(FdTest, FailedDurableWriteLeavesTheOldThingAndNothingBeside) {
    std::filesystem::create_directory(path("a"));
    EXPECT_TRUE(kind_of([&] { write_file_durably(path("a"), "x"); }).has_value());
    EXPECT_TRUE(std::filesystem::is_directory(path("a")));
    EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(FdTest, KernelFileErrorNamesFileAndText) {
    EXPECT_THAT(
        message_of([&] { write_kernel_file("/proc/self/oom_score_adj", "nonsense"); }),
        ::testing::AllOf(HasSubstr("nonsense"), HasSubstr("/proc/self/oom_score_adj"))
    );
}

}  // namespace
}  // namespace kiln::os
