#pragma once

#include "base/error.hpp"
#include "ports/cloud.hpp"
#include "ports/testing/device_bytes.hpp"
#include "ports/testing/kind_of.hpp"
#include "ports/testing/watched_ledger.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::ports::testing {

/// What the suites of ports::Cloud share. A driver starts with nothing of its own in the cloud and
/// has `static std::optional<std::string> unavailable()`, `Cloud cloud()`, `WatchedLedger&
/// ledger()` (the one the cloud writes to), `std::filesystem::path work_folder()`, `void
/// pass_time()` (the next thing made is newer), and `Bytes unit()` (the smallest size of a volume).
template <class Driver>
class CloudFixture : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = Driver::unavailable()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
        cloud.emplace(driver->cloud());
    }

    static Deadline soon() { return Deadline::after(std::chrono::minutes{2}); }

    Volume make_volume(std::optional<SnapshotId> snapshot = {}, std::optional<Bytes> size = {}) {
        VolumeSpec spec;
        spec.owner = job;
        spec.snapshot = snapshot;
        spec.size = !snapshot && !size ? driver->unit() : size;
        return cloud->volumes.create(spec, soon());
    }

    std::unique_ptr<AttachedVolume> attach(const VolumeId& id, bool read_only = false) {
        return cloud->attachments.attach({job, id, driver->work_folder(), read_only}, soon());
    }

    Snapshot freeze(const VolumeId& id, std::string description = "") {
        return cloud->snapshots.create({job, id, std::move(description), {}}, soon());
    }

    Snapshot make_snapshot() { return freeze(make_volume().id); }

    ImageSpec image_spec(const std::string& name, const SnapshotId& root) {
        ImageSpec spec;
        spec.owner = job;
        spec.name = name;
        spec.architecture = "x86_64";
        spec.root_snapshot = root;
        return spec;
    }

    Image make_image(const std::string& name) {
        driver->pass_time();
        return cloud->images.register_image(image_spec(name, make_snapshot().id));
    }

    std::vector<std::string> names(const ImageFilter& filter) {
        std::vector<std::string> found;
        for (const auto& image : cloud->images.describe(filter)) {
            found.push_back(image.name);
        }
        return found;
    }

    static void write(const AttachedVolume& volume, Bytes offset, const std::string& text) {
        DeviceBytes{volume.device(), O_RDWR}.write(offset, text);
    }

    static std::string read(const AttachedVolume& volume, Bytes offset, std::size_t length) {
        return DeviceBytes{volume.device(), O_RDONLY}.read(offset, length);
    }

    static Bytes size_of(const AttachedVolume& volume) {
        return DeviceBytes{volume.device(), O_RDONLY}.size();
    }

    VolumeState state_of(const VolumeId& id) { return cloud->volumes.describe({id}).at(0).state; }

    std::optional<Driver> driver;
    std::optional<Cloud> cloud;
    const JobId job = JobId::random();
};

}  // namespace kiln::ports::testing
