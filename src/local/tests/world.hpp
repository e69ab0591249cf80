#pragma once

#include "local/local_cloud.hpp"
#include "os/files.hpp"
#include "os/mount.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/memory_catalog.hpp"
#include "ports/testing/memory_ledger.hpp"
#include "ports/testing/watched_ledger.hpp"

#include <filesystem>
#include <optional>
#include <string>

#include <unistd.h>

namespace kiln::local::testing {

/// A local cloud in a folder of its own, with a catalog and a ledger in memory.
class World {
  public:
    /// Why tests that attach volumes cannot run here.
    static std::optional<std::string> unavailable() {
        if (::geteuid() != 0) {
            return "needs root, for FUSE and loop mounts";
        }
        return std::nullopt;
    }

    explicit World(Settings settings = {}) : World{std::nullopt, std::move(settings)} {}

    World(std::optional<std::filesystem::path> folder, Settings settings)
        : folder_{os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-local-test")},
          cloud_{
              folder ? *folder : folder_.path() / "cloud",
              catalog_,
              watched_,
              clock_,
              std::move(settings)} {
        std::filesystem::create_directory(work_folder());
    }

    [[nodiscard]] ports::Cloud cloud() { return cloud_.cloud(); }

    [[nodiscard]] LocalCloud& local() { return cloud_; }

    [[nodiscard]] ports::testing::WatchedLedger& ledger() { return watched_; }

    [[nodiscard]] ports::testing::MemoryCatalog& catalog() { return catalog_; }

    [[nodiscard]] ports::testing::FakeClock& clock() { return clock_; }

    [[nodiscard]] HolderId holder() const { return holder_; }

    [[nodiscard]] std::filesystem::path folder() const { return folder_.path(); }

    [[nodiscard]] std::filesystem::path work_folder() const { return folder_.path() / "work"; }

    [[nodiscard]] LayerFiles files() const { return LayerFiles{folder_.path() / "cloud"}; }

    void pass_time() { clock_.advance(std::chrono::seconds{1}); }

    [[nodiscard]] static Bytes unit() { return Bytes{64U << 20U}; }

  private:
    os::TempDir folder_;
    ports::testing::FakeClock clock_;
    HolderId holder_ = HolderId::random();
    ports::testing::MemoryCatalog catalog_;
    ports::testing::MemoryLedger ledger_{holder_, clock_};
    ports::testing::WatchedLedger watched_{ledger_};
    LocalCloud cloud_;
};

}  // namespace kiln::local::testing
