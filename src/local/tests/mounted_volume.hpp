#pragma once

#include "base/error.hpp"
#include "local/tests/world.hpp"
#include "os/fd.hpp"
#include "os/loop_device.hpp"
#include "os/mount.hpp"
#include "os/spawn.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

namespace kiln::local::testing {

inline Deadline soon() {
    return Deadline::after(std::chrono::minutes{2});
}

/// A volume with an ext4 file system, mounted through a loop device as the disk module does it.
class MountedVolume {
  public:
    enum class Make { no, filesystem };

    MountedVolume(World& world, const JobId& job, const VolumeId& id, Make make = Make::no)
        : attached_{world.cloud().attachments.attach({job, id, world.work_folder()}, soon())},
          target_{world.work_folder() / (id.str() + ".mnt")} {
        std::filesystem::create_directories(target_);
        if (make == Make::filesystem) {
            (void)os::run_checked(
                {.argv =
                     {"mkfs.ext4",
                      "-q",
                      "-F",
                      "-E",
                      "lazy_itable_init=0,lazy_journal_init=0",
                      attached_->device().string()}}
            );
        }
        loop_ = os::LoopDevice::attach(
            attached_->device(), {}, {}, os::Access::read_write, os::DirectIo::yes, soon()
        );
        mount_ = os::Mount::attach(loop_.path(), target_, "ext4", MS_NOATIME);
    }

    [[nodiscard]] const std::filesystem::path& root() const { return target_; }

    [[nodiscard]] const std::filesystem::path& loop() const { return loop_.path(); }

    [[nodiscard]] ports::AttachedVolume& attached() { return *attached_; }

    void unmount() {
        os::sync_filesystem(target_);
        mount_.unmount();
        loop_.detach();
    }

    void close() {
        unmount();
        attached_->detach();
    }

    /// As a caller does after a failure: nothing here may throw but the last word.
    void abandon() {
        mount_ = os::Mount{};
        loop_ = os::LoopDevice{};
        attached_->detach();
    }

  private:
    std::unique_ptr<ports::AttachedVolume> attached_;
    std::filesystem::path target_;
    os::LoopDevice loop_;
    os::Mount mount_;
};

/// Writes and verifies files of 4 KiB blocks in a scattered order, each block of its own content.
class Blocks {
  public:
    static constexpr std::size_t kBlock = 4096;
    static constexpr std::uint64_t kBlocks = 6'000;  // 23 MiB a file

    /// @param seed  of the content; another seed is another content
    static void write(const std::filesystem::path& path, std::uint64_t seed) {
        const os::Fd fd = os::open_file(path, O_RDWR | O_CREAT);
        for (std::uint64_t i = 0; i < kBlocks; ++i) {
            const std::uint64_t block = i * 7919 % kBlocks;  // a prime: every block once
            const auto bytes = content(seed, block);
            const auto at = static_cast<off_t>(block * kBlock);
            if (::pwrite(fd.get(), bytes.data(), kBlock, at) != ssize_t{kBlock}) {
                throw_errno("write a block");
            }
        }
        if (::fsync(fd.get()) != 0) {
            throw_errno("sync blocks");
        }
    }

    /// @returns  how many blocks are not what was written
    static std::uint64_t wrong(const std::filesystem::path& path, std::uint64_t seed) {
        const os::Fd fd = os::open_file(path, O_RDONLY);
        std::uint64_t bad = 0;
        for (std::uint64_t block = 0; block < kBlocks; ++block) {
            std::array<std::uint64_t, kBlock / 8> bytes{};
            const auto n =
                ::pread(fd.get(), bytes.data(), kBlock, static_cast<off_t>(block * kBlock));
            bad += n == ssize_t{kBlock} && bytes == content(seed, block) ? 0U : 1U;
        }
        return bad;
    }

    /// One file a thread, all at once.
    static void write_all(
        const std::filesystem::path& root,
        const std::string& stem,
        unsigned files,
        std::uint64_t seed
    ) {
        std::vector<std::jthread> writers;
        std::atomic<unsigned> failed{0};
        for (unsigned n = 0; n < files; ++n) {
            writers.emplace_back([&, n] {
                try {
                    write(root / (stem + std::to_string(n)), seed + n);
                } catch (const Error&) {
                    ++failed;
                }
            });
        }
        writers.clear();
        if (failed != 0) {
            throw Error{ErrorKind::internal, std::to_string(failed) + " writers failed"};
        }
    }

    static std::uint64_t all_wrong(
        const std::filesystem::path& root,
        const std::string& stem,
        unsigned files,
        std::uint64_t seed
    ) {
        std::uint64_t bad = 0;
        for (unsigned n = 0; n < files; ++n) {
            bad += wrong(root / (stem + std::to_string(n)), seed + n);
        }
        return bad;
    }

  private:
    static std::array<std::uint64_t, kBlock / 8> content(std::uint64_t seed, std::uint64_t block) {
        std::array<std::uint64_t, kBlock / 8> words{};
        std::uint64_t state = seed << 32U ^ block;
        for (auto& word : words) {  // splitmix64
            std::uint64_t mixed = state += 0x9e3779b97f4a7c15;
            mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9;
            mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111eb;
            word = mixed ^ (mixed >> 31U);
        }
        return words;
    }
};

}  // namespace kiln::local::testing
