#pragma once

#include "os/files.hpp"
#include "sqlite/store.hpp"

namespace kiln::sqlite {

/// A KILN_HOME of a test's own.
class Home {
  public:
    Home() : folder_{os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-store")} {}

    [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

    [[nodiscard]] std::filesystem::path file() const { return path() / "kiln.db"; }

  private:
    os::TempDir folder_;
};

}  // namespace kiln::sqlite
