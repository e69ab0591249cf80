#pragma once

#include "base/guarded.hpp"
#include "compute/keeper.hpp"
#include "compute/local_machines.hpp"
#include "os/files.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/fake_cloud.hpp"
#include "sqlite/catalog.hpp"
#include "sqlite/instance_store.hpp"
#include "sqlite/ledger.hpp"

#include <condition_variable>
#include <list>
#include <set>
#include <thread>

namespace kiln::compute::testing {

/// What the guests of a test do.
struct Behaviour {
    std::string start_fails;  ///< not "": with this reason
    bool boots = true;        ///< no: a start waits until it is stopped
    bool listens = true;      ///< no: it must be killed
};

/// Guests that do nothing but end when they are asked to.
class FakeFamily final : public GuestFamily {
  public:
    std::unique_ptr<Guest> start(
        const GuestPlan& plan, const std::stop_token& stop, Deadline deadline
    ) override;

    void behave(Behaviour behaviour) { *behaviour_.lock() = std::move(behaviour); }

    /// Those that were started, in that order.
    [[nodiscard]] std::vector<GuestPlan> plans() { return *plans_.lock(); }

  private:
    Guarded<Behaviour> behaviour_;
    Guarded<std::vector<GuestPlan>> plans_;
};

/// Tells when a record has changed: tests wait for that, and may step in between.
class WatchedInstances final : public ports::InstanceStore {
  public:
    explicit WatchedInstances(ports::InstanceStore& store) : store_{store} {}

    std::vector<ports::InstanceRecord> add(
        const JobId& from,
        std::vector<ports::InstanceRecord> records,
        const ports::AddressRange& range
    ) override {
        return store_.add(from, std::move(records), range);
    }

    std::optional<ports::InstanceRecord> find(const InstanceId& id) override {
        return store_.find(id);
    }

    std::vector<ports::InstanceRecord> list(const ports::InstanceFilter& filter) override {
        return store_.list(filter);
    }

    bool replace(const ports::InstanceRecord& record) override;

    void remove(const std::vector<InstanceId>& ids) override { store_.remove(ids); }

    /// @throws std::runtime_error  not within a minute
    void wait_until(const std::function<bool()>& so);

    /// Called in the thread that wrote it, after it did.
    std::function<void(const ports::InstanceRecord&)> after_replace;

  private:
    ports::InstanceStore& store_;
    Guarded<int> changes_{0};
    std::condition_variable changed_;
};

/// Tags in the store, by the catalog's rules.
class CatalogTags final : public ports::TagStore {
  public:
    explicit CatalogTags(ports::Catalog& catalog) : catalog_{catalog} {}

    void set(const std::string& resource, const ports::Tags& tags) override {
        catalog_.set_tags(resource, tags);
    }

    void unset(const std::string& resource, const std::vector<std::string>& keys) override {
        catalog_.unset_tags(resource, keys);
    }

  private:
    ports::Catalog& catalog_;
};

/// Images that are only looked up.
class KnownImages final : public ports::Images {
  public:
    explicit KnownImages(ports::Image image) : image_{std::move(image)} {}

    std::vector<ports::Image> describe(const ports::ImageFilter& filter) override;

    ports::Image register_image(const ports::ImageSpec&) override { return image_; }

    void deregister(const ImageId&) override {}

    void share(const ImageId&, const std::vector<std::string>&, const std::vector<std::string>&)
        override {}

    void rename(const ImageId&, const std::string&) override {}

  private:
    ports::Image image_;
};

/// The local cloud's machines over a real store: volumes are made in memory, and each keeper is a
/// thread.
class LocalWorld {
  public:
    LocalWorld();
    LocalWorld(LocalWorld&&) = delete;
    ~LocalWorld();

    [[nodiscard]] ports::Machines machines() { return machines_.machines(); }

    [[nodiscard]] ports::TagStore& tags() { return tags_; }

    [[nodiscard]] ImageId image() const { return image_; }

    /// When its state passes by itself no more. @throws std::runtime_error  not within a minute
    ports::Instance settled(const InstanceId& id);
    [[nodiscard]] ports::Instance look(const InstanceId& id);
    /// Runs a keeper in this thread. @returns  when it has ended
    void keep(const InstanceId& id, const std::stop_token& stop = {});
    [[nodiscard]] World world(const HolderId& holder);

    ports::testing::FakeClock clock;
    FakeFamily family;
    ports::testing::FakeCloud cloud;
    /// Instead of a thread with a keeper.
    std::function<void(const InstanceId&)> start_keeper;

  private:
    void start(const InstanceId& id);

    os::TempDir folder_;
    sqlite::Store store_;
    sqlite::SqliteInstanceStore rows_{store_};

  public:
    WatchedInstances instances{rows_};

  private:
    sqlite::SqliteKeyPairStore keys_{store_};
    sqlite::SqliteSecurityGroupStore groups_{store_};
    sqlite::SqliteCatalog catalog_{store_};
    CatalogTags tags_{catalog_};
    HolderId holder_ = HolderId::random();
    sqlite::SqliteLedger ledger_{store_, holder_, clock};
    ImageId image_ = ImageId::random();
    KnownImages images_;
    ports::Cloud roles_{"fake", cloud.volumes, cloud.attachments, cloud.snapshots, images_, tags_};
    Guarded<std::set<HolderId>> alive_;
    Guarded<std::list<std::jthread>> keepers_;
    LocalMachines machines_;
};

}  // namespace kiln::compute::testing
