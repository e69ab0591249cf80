#pragma once

#include "archive/archive.hpp"
#include "images/export.hpp"
#include "images/import.hpp"
#include "images/task.hpp"
#include "local/tests/world.hpp"
#include "os/fd.hpp"
#include "os/mount.hpp"
#include "os/spawn.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::images::testing {

namespace fs = std::filesystem;

inline Deadline soon() {
    return Deadline::after(std::chrono::minutes{2});
}

inline void run(std::vector<std::string> arguments) {
    os::Command command;
    command.argv = std::move(arguments);
    (void)os::run_checked(std::move(command), soon());
}

/// A local cloud, and files to import. Every test ends with nothing attached and nothing owed.
class ImageTest : public ::testing::Test {
  public:
    /// So that a program started meanwhile, with a copy of this namespace, does not keep our
    /// mounts.
    static void SetUpTestSuite() {
        if (!local::testing::World::unavailable()) {
            os::enter_private_mounts();
        }
    }

  protected:
    void SetUp() override {
        if (const auto why = local::testing::World::unavailable()) {
            GTEST_SKIP() << *why;
        }
        write(tree() / "etc/os-release", "ID=kiln\nVERSION_ID=1\nPRETTY_NAME=\"Kiln Test 1\"\n");
        write(tree() / "etc/hostname", "test\n");
        write(tree() / "usr/bin/sh", elf());
        fs::create_symlink("usr/bin", tree() / "bin");
        write(
            tree() / "var/lib/dpkg/status",
            "Package: base\nVersion: 1\nArchitecture: amd64\nStatus: install ok installed\n"
        );
    }

    [[nodiscard]] Task task() {
        const auto folder = world_.folder() / ("run-" + std::to_string(++runs_));
        fs::create_directory(folder);
        return {cloud_, world_.ledger(), job_, folder, stop_.get_token(), soon(), {}};
    }

    [[nodiscard]] fs::path tree() const { return world_.folder() / "tree"; }

    static void write(const fs::path& path, std::string_view text) {
        fs::create_directories(path.parent_path());
        std::ofstream{path} << text;
    }

    static std::string elf() {
        std::string head =
            "\x7f"
            "ELF\x02\x01\x01";
        head.resize(64, '\0');
        head[18] = 62;
        return head;
    }

    fs::path pack(const fs::path& folder, const std::string& name) {
        auto tar = world_.folder() / name;
        const auto file = os::open_file(tar, O_WRONLY | O_CREAT | O_TRUNC);
        archive::pack(folder, [&](std::string_view bytes) { os::write_all(file, bytes); }, {});
        return tar;
    }

    fs::path bare_disk() {
        auto disk = world_.folder() / "bare.raw";
        run({"truncate", "-s", "64M", disk.string()});
        run({"mkfs.ext4", "-q", "-d", tree().string(), disk.string()});
        return disk;
    }

    ports::Image import(const fs::path& source, const std::string& name = "base") {
        ImportRequest request;
        request.source = source;
        request.name = name;
        return import_image(task(), request);
    }

    /// The ledger still owes these kinds of things to be undone.
    [[nodiscard]] bool owes(ports::ResourceKind kind) {
        for (const auto& entry : world_.ledger().entries()) {
            if (entry.resource.kind == kind) {
                return true;
            }
        }
        return false;
    }

    void expect_nothing_made() {
        EXPECT_TRUE(cloud_.volumes.describe({}).empty());
        EXPECT_TRUE(cloud_.images.describe({}).empty());
    }

    local::testing::World world_;
    ports::Cloud cloud_ = world_.cloud();
    JobId job_ = JobId::random();
    std::stop_source stop_;
    int runs_ = 0;
};

}  // namespace kiln::images::testing
