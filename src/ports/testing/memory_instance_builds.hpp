#pragma once

#include "base/guarded.hpp"
#include "ports/instance_build_store.hpp"

#include <memory>

namespace kiln::ports::testing {

/// What the instance API remembers, in memory. Copies are views of the same rows: a process that
/// starts again.
class MemoryInstanceBuilds final : public InstanceBuildStore {
  public:
    MemoryInstanceBuilds() : rows_{std::make_shared<Guarded<Rows>>()} {}

    bool insert(const InstanceBuildRow& row) override;
    [[nodiscard]] std::optional<InstanceBuildRow> find(const std::string& id) override;
    [[nodiscard]] std::vector<InstanceBuildRow> list(const InstanceBuildFilter& filter) override;
    std::int64_t change(const InstanceBuildChange& change) override;
    std::size_t forget(TimePoint before) override;
    void clear_scripts(TimePoint expired) override;
    [[nodiscard]] std::optional<InitScriptRow> find_script(const std::string& build) override;
    [[nodiscard]] std::optional<InstanceNoteRow> find_instance(const std::string& id) override;
    [[nodiscard]] std::vector<InstanceNoteRow> live_instances() override;
    [[nodiscard]] std::vector<InstanceNoteRow> instances_of(const std::string& build) override;
    void put_instance(const InstanceNoteRow& row) override;
    [[nodiscard]] std::map<std::string, std::string> active_images() override;
    void activate_image(const std::string& role, const std::string& image) override;
    bool insert_group(const InstanceGroupRow& row) override;
    [[nodiscard]] std::optional<InstanceGroupRow> find_group(const std::string& id) override;
    [[nodiscard]] std::vector<InstanceGroupRow> groups() override;
    std::int64_t change_group(const InstanceGroupRow& row) override;
    void remove_group(const std::string& id) override;

  private:
    struct Rows {
        std::map<std::string, InstanceBuildRow> builds;
        std::map<std::string, InitScriptRow> scripts;
        std::map<std::string, InstanceNoteRow> instances;
        std::map<std::string, std::string> active;
        std::map<std::string, InstanceGroupRow> groups;
    };

    std::shared_ptr<Guarded<Rows>> rows_;
};

}  // namespace kiln::ports::testing
