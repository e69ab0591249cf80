#pragma once

#include "os/files.hpp"
#include "sqlite/store.hpp"

#include <unistd.h>

namespace kiln::sqlite {

/// A KILN_HOME of a test's own; in memory where the host has such a folder, so that syncs cost
/// nothing.
class Home {
  public:
    Home() : Home{parent()} {}

    explicit Home(const std::filesystem::path& where)
        : folder_{os::TempDir::unique(where, "kiln-store")} {}

    [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

    [[nodiscard]] std::filesystem::path file() const { return path() / "kiln.db"; }

  private:
    static std::filesystem::path parent() {
        const std::filesystem::path memory{"/dev/shm"};
        return ::access(memory.c_str(), W_OK) == 0 ? memory
                                                   : std::filesystem::temp_directory_path();
    }

    os::TempDir folder_;
};

}  // namespace kiln::sqlite
