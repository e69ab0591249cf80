#pragma once

#include "os/files.hpp"
#include "os/mount.hpp"
#include "os/spawn.hpp"

#include <optional>
#include <string>

#include <gmock/gmock.h>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::os {

/// A folder of its own, in a mount namespace of its own: whatever a test mounts ends with it.
class RootTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "needs root for mounts, loop devices and control groups";
        }
        static const bool once = [] {
            enter_private_mounts();
            return true;
        }();
        ASSERT_TRUE(once);
        folder_ = TempDir::unique(std::filesystem::temp_directory_path(), "kiln-root");
    }

    [[nodiscard]] std::filesystem::path path(std::string_view name) const {
        return folder_.path() / name;
    }

    [[nodiscard]] std::filesystem::path make_folder(std::string_view name) const {
        std::filesystem::create_directories(path(name));
        return path(name);
    }

    /// A sparse file with an ext4 in it.
    [[nodiscard]] std::filesystem::path make_ext4(std::string_view name) const {
        const auto file = path(name);
        const Fd made = open_file(file, O_RDWR | O_CREAT | O_EXCL);
        std::filesystem::resize_file(file, 16U << 20);
        run_checked({.argv = {"mkfs.ext4", "-q", file.native()}});
        return file;
    }

  private:
    TempDir folder_;
};

}  // namespace kiln::os
