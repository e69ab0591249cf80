#include "base/testing/kind_of.hpp"
#include "os/loop_device.hpp"
#include "os/tests/root_fixture.hpp"

#include <atomic>
#include <csignal>
#include <thread>

#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

namespace kiln::os {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Deadline soon() {
    return Deadline::after(std::chrono::seconds{10});
}

class LoopRootTest : public RootTest {
  protected:
    /// A file whose every sector begins with its own number.
    [[nodiscard]] std::filesystem::path numbered(std::string_view name, int sectors) const {
        std::string bytes;
        for (int i = 0; i < sectors; ++i) {
            auto sector = std::to_string(i);
            sector.resize(512, '.');
            bytes += sector;
        }
        write_file_durably(path(name), bytes);
        return path(name);
    }
};

LoopDevice attach(
    const std::filesystem::path& file,
    Bytes offset = {},
    Bytes size = {},
    Access access = Access::read_write,
    DirectIo direct = DirectIo::no
) {
    return LoopDevice::attach(file, offset, size, access, direct, soon());
}

TEST_F(LoopRootTest, ShowsAWindowOfTheFile) {
    const auto loop = attach(numbered("file", 64), {512 * 8}, {512 * 16});
    const auto bytes = read_file(loop.path());
    EXPECT_EQ(bytes.size(), 512U * 16);
    EXPECT_EQ(bytes.substr(0, 2), "8.");
    EXPECT_EQ(bytes.substr(512 * 15, 3), "23.");
}

TEST_F(LoopRootTest, SizeZeroIsToTheEnd) {
    const auto loop = attach(numbered("file", 64), {512 * 8});
    EXPECT_EQ(read_file(loop.path()).size(), 512U * 56);
}

TEST_F(LoopRootTest, WindowThatIsNotAlignedIsRefused) {
    const auto file = numbered("file", 8);
    EXPECT_EQ(kind_of([&] { (void)attach(file, {100}); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([&] { (void)attach(file, {512}, {100}); }), ErrorKind::invalid);
    EXPECT_THAT(loop_devices_over(file), IsEmpty());
}

TEST_F(LoopRootTest, ReadOnlyDeviceRefusesWrites) {
    const auto loop = attach(numbered("file", 8), {}, {}, Access::read_only);
    const auto write = [&] {
        const auto fd = open_file(loop.path(), O_WRONLY);
        write_all(fd, std::string(512, 'x'));
    };
    EXPECT_EQ(kind_of(write), ErrorKind::denied);
}

TEST_F(LoopRootTest, WrittenBytesReachTheFile) {
    const auto file = numbered("file", 8);
    auto loop = attach(file);
    {
        const auto fd = open_file(loop.path(), O_WRONLY | O_SYNC);
        write_all(fd, std::string(512, 'x'));
    }
    loop.detach();
    EXPECT_EQ(read_file(file).substr(0, 512), std::string(512, 'x'));
}

TEST_F(LoopRootTest, DetachedDeviceIsFreeOnReturn) {
    const auto file = numbered("file", 8);
    auto loop = attach(file);
    EXPECT_THAT(loop_devices_over(file), SizeIs(1));
    loop.detach();
    EXPECT_THAT(loop_devices_over(file), IsEmpty());
    EXPECT_TRUE(loop.path().empty());
    EXPECT_EQ(kind_of([&] { loop.detach(); }), std::nullopt);
}

TEST_F(LoopRootTest, EndOfTheOwnerDetaches) {
    const auto file = numbered("file", 8);
    { const auto loop = attach(file); }
    EXPECT_THAT(loop_devices_over(file), IsEmpty());
}

TEST_F(LoopRootTest, KilledOwnerLeavesNoDevice) {
    const auto file = numbered("file", 8);
    const pid_t victim = ::fork();
    if (victim == 0) {
        const auto loop = attach(file);
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(victim, &status, 0), victim);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_THAT(loop_devices_over(file), IsEmpty());
}

TEST_F(LoopRootTest, RemovedBackingIsStillFound) {
    const auto file = numbered("file", 8);
    const auto loop = attach(file);
    std::filesystem::remove(file);
    EXPECT_THAT(loop_devices_over(file), ::testing::ElementsAre(loop.path()));
}

TEST_F(LoopRootTest, SweepDetachesADeviceThatNobodyHolds) {
    const auto file = numbered("file", 8);
    {
        const auto loop = attach(file);
        loop_info64 info{};
        const auto fd = open_file(loop.path(), O_RDWR);
        ASSERT_EQ(::ioctl(fd.get(), LOOP_GET_STATUS64, &info), 0);
        info.lo_flags &= ~static_cast<unsigned>(LO_FLAGS_AUTOCLEAR);
        ASSERT_EQ(::ioctl(fd.get(), LOOP_SET_STATUS64, &info), 0);
    }
    ASSERT_THAT(loop_devices_over(file), SizeIs(1));
    detach_loop_devices(file, soon());
    EXPECT_THAT(loop_devices_over(file), IsEmpty());
    EXPECT_EQ(kind_of([&] { detach_loop_devices(file, soon()); }), std::nullopt);
}

TEST_F(LoopRootTest, DeviceThatSomeoneHoldsIsAConflict) {
    const auto file = numbered("file", 8);
    auto loop = attach(file);
    const auto holder = open_file(loop.path(), O_RDONLY);
    EXPECT_EQ(
        kind_of([&] { detach_loop_devices(file, Deadline::after(std::chrono::milliseconds{1})); }),
        ErrorKind::conflict
    );
}

TEST_F(LoopRootTest, DirectIoIsUsedWhereTheBackingAllowsIt) {
    const auto file = numbered("file", 64);
    const auto direct = attach(file, {}, {}, Access::read_write, DirectIo::yes);
    const bool allowed = [&] {
        try {
            (void)open_file(file, O_RDONLY | O_DIRECT);
            return true;
        } catch (const Error&) {
            return false;
        }
    }();
    EXPECT_EQ(direct.direct_io(), allowed);
    EXPECT_FALSE(attach(file).direct_io());
}

TEST_F(LoopRootTest, BackingThatRefusesDirectIoIsReadThroughTheCache) {
    const auto mount = Mount::attach("none", make_folder("m"), "ramfs", 0);
    write_file_durably(path("m/file"), std::string(4096, 'x'));
    const auto loop = attach(path("m/file"), {}, {}, Access::read_write, DirectIo::yes);
    EXPECT_EQ(read_file(loop.path()), std::string(4096, 'x'));
}

TEST_F(LoopRootTest, ManyAtOnceEachGetTheirOwn) {
    constexpr int kThreads = 8;
    constexpr int kTimes = 5;
    std::vector<std::filesystem::path> files;
    for (int i = 0; i < kThreads; ++i) {
        auto bytes = std::to_string(i);
        bytes.resize(4096, '.');
        files.push_back(path("file" + bytes.substr(0, 1)));
        write_file_durably(files.back(), bytes);
    }
    std::atomic<int> right = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&, i] {
                for (int time = 0; time < kTimes; ++time) {
                    auto loop = attach(files[static_cast<std::size_t>(i)]);
                    right += read_file(loop.path()).substr(0, 1) == std::to_string(i) ? 1 : 0;
                    loop.detach();
                }
            });
        }
    }
    EXPECT_EQ(right, kThreads * kTimes);
}

TEST_F(LoopRootTest, MissingBackingIsNamed) {
    EXPECT_THAT(
        message_of([&] { (void)attach(path("absent")); }), HasSubstr(path("absent").native())
    );
}

}  // namespace
}  // namespace kiln::os
