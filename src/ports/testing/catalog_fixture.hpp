#pragma once

#include "ports/catalog.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/kind_of.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::ports::testing {

/// What the suites of ports::Catalog share. A driver starts with an empty catalog and has
/// `static std::optional<std::string> unavailable()` and `Catalog& catalog()`.
template <class Driver>
class CatalogFixture : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = Driver::unavailable()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
    }

    Catalog& catalog() { return driver->catalog(); }

    TimePoint tick() {
        clock.advance(std::chrono::seconds{1});
        return clock.now();
    }

    Layer make_layer(const std::optional<LayerId>& backing = std::nullopt) {
        Layer layer;
        layer.id = LayerId::random();
        layer.backing = backing;
        layer.virtual_size = Bytes{1U << 30U};
        layer.created = tick();
        return layer;
    }

    LayerId put_layer(const std::optional<LayerId>& backing = std::nullopt) {
        const auto layer = make_layer(backing);
        catalog().put_layer(layer);
        return layer.id;
    }

    VolumeRecord make_volume(const std::optional<LayerId>& layer) {
        VolumeRecord record;
        record.volume.id = VolumeId::random();
        record.volume.zone = "local-1a";
        record.volume.size = Bytes{1U << 30U};
        record.volume.state = VolumeState::available;
        record.volume.created = tick();
        record.layer = layer;
        return record;
    }

    VolumeId put_volume(const std::optional<LayerId>& layer) {
        const auto record = make_volume(layer);
        catalog().put_volume(record);
        return record.volume.id;
    }

    SnapshotRecord make_snapshot(const LayerId& layer) {
        SnapshotRecord record;
        record.snapshot.id = SnapshotId::random();
        record.snapshot.size = Bytes{1U << 30U};
        record.snapshot.stored = Bytes{4096};
        record.snapshot.state = SnapshotState::completed;
        record.snapshot.created = tick();
        record.layer = layer;
        return record;
    }

    SnapshotId put_snapshot() {
        const auto record = make_snapshot(put_layer());
        catalog().put_snapshot(record);
        return record.snapshot.id;
    }

    Image make_image(const std::string& name, const SnapshotId& root) {
        Image image;
        image.id = ImageId::random();
        image.name = name;
        image.architecture = "x86_64";
        image.owner = "self";
        image.state = ImageState::available;
        image.root_snapshot = root;
        image.size = Bytes{1U << 30U};
        image.created = tick();
        return image;
    }

    Image put_image(const std::string& name, const Tags& tags = {}) {
        auto image = make_image(name, put_snapshot());
        image.tags = tags;
        catalog().put_image(image);
        return image;
    }

    std::vector<std::string> names(const ImageFilter& filter = {}) {
        std::vector<std::string> found;
        for (const auto& image : catalog().images(filter)) {
            found.push_back(image.name);
        }
        return found;
    }

    Image only_image() {
        const auto all = catalog().images({});
        EXPECT_EQ(all.size(), 1U);
        return all.at(0);
    }

    std::vector<LayerId> chain_ids(const LayerId& top) {
        std::vector<LayerId> ids;
        for (const auto& layer : catalog().chain(top)) {
            ids.push_back(layer.id);
        }
        return ids;
    }

    std::size_t depth(const LayerId& id) { return catalog().layer(id)->depth; }

    std::optional<Driver> driver;
    FakeClock clock;
};

}  // namespace kiln::ports::testing
