#include "local/early_writeback.hpp"

#include "base/deadline.hpp"
#include "os/fd.hpp"
#include "os/files.hpp"
#include "os/interrupt.hpp"

#include <array>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace kiln::local {
namespace {

constexpr long kCachestat = 451;  // cachestat(2), Linux 6.5; glibc 2.36 does not name it

/// Pages of the file that the kernel has not begun to write to disk; nullopt where it does not
/// tell.
std::optional<std::uint64_t> dirty_pages(const os::Fd& file) {
    struct Range {
        std::uint64_t offset = 0, length = 0;  // all
    } range;

    struct Counts {
        std::uint64_t cached = 0, dirty = 0, writeback = 0, evicted = 0, recently_evicted = 0;
    } counts;

    if (::syscall(kCachestat, file.get(), &range, &counts, 0) != 0) {
        return std::nullopt;
    }
    return counts.dirty;
}

class EarlyWritebackTest : public ::testing::Test {
  protected:
    void SetUp() override {
        struct statfs status {};

        ASSERT_EQ(::statfs(folder_.path().c_str(), &status), 0);
        if (status.f_type == TMPFS_MAGIC) {
            GTEST_SKIP() << "a tmpfs has no disk";
        }
        if (!dirty_pages(make("probe", 1))) {
            GTEST_SKIP() << "this kernel does not tell what is dirty";
        }
    }

    [[nodiscard]] std::filesystem::path path(const std::string& name) const {
        return folder_.path() / name;
    }

    [[nodiscard]] os::Fd make(const std::string& name, std::size_t mebibytes) const {
        auto file = os::open_file(path(name), O_RDWR | O_CREAT);
        grow(file, mebibytes);
        return file;
    }

    static void grow(const os::Fd& file, std::size_t mebibytes) {
        const std::string part(1U << 20U, 'x');
        for (std::size_t i = 0; i < mebibytes; ++i) {
            os::write_all(file, part);
        }
    }

    /// But for a rest that is not worth it, and long before the kernel's own time, 30 s.
    static bool clean_soon(const os::Fd& file) {
        const auto deadline = Deadline::after(std::chrono::seconds{15});
        const auto rest = (8U << 20U) / static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
        for (unsigned attempt = 0; *dirty_pages(file) > rest; ++attempt) {
            if (!os::pause_before_retry(attempt, deadline)) {
                return false;
            }
        }
        return true;
    }

  private:
    os::TempDir folder_ =
        os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-writeback");
};

TEST_F(EarlyWritebackTest, AFileThatGrowsIsWrittenBeforeAnybodySyncsIt) {
    const auto file = make("layer", 0);
    EarlyWriteback writeback;
    writeback.follow(path("layer"));
    grow(file, 32);
    EXPECT_TRUE(clean_soon(file));
}

TEST_F(EarlyWritebackTest, TheNextFileIsFollowedInsteadOfTheOneBefore) {
    const auto first = make("first", 0);
    const auto second = make("second", 0);
    EarlyWriteback writeback;
    writeback.follow(path("first"));
    writeback.follow(path("second"));
    grow(second, 32);
    EXPECT_TRUE(clean_soon(second));
}

TEST_F(EarlyWritebackTest, AFileThatIsNotThereIsNoError) {
    EarlyWriteback writeback;
    writeback.follow(path("absent"));
    const auto file = make("layer", 0);
    writeback.follow(path("layer"));
    grow(file, 32);
    EXPECT_TRUE(clean_soon(file));
}

}  // namespace
}  // namespace kiln::local
