#pragma once

#include "ports/instance_build_store.hpp"
#include "sqlite/store.hpp"

namespace kiln::sqlite {

/// The instance API's rows in the store.
class SqliteInstanceBuilds final : public ports::InstanceBuildStore {
  public:
    /// `store` outlives this.
    explicit SqliteInstanceBuilds(Store& store) : store_{store} {}

    bool insert(const ports::InstanceBuildRow& row) override;
    [[nodiscard]] std::optional<ports::InstanceBuildRow> find(const std::string& id) override;
    [[nodiscard]] std::vector<ports::InstanceBuildRow> list(const ports::InstanceBuildFilter& filter
    ) override;
    std::int64_t change(const ports::InstanceBuildChange& change) override;
    std::size_t forget(TimePoint before) override;
    void clear_scripts(TimePoint expired) override;
    [[nodiscard]] std::optional<ports::InitScriptRow> find_script(const std::string& build
    ) override;
    [[nodiscard]] std::optional<ports::InstanceNoteRow> find_instance(const std::string& id
    ) override;
    [[nodiscard]] std::vector<ports::InstanceNoteRow> live_instances() override;
    [[nodiscard]] std::vector<ports::InstanceNoteRow> instances_of(const std::string& build
    ) override;
    void put_instance(const ports::InstanceNoteRow& row) override;
    [[nodiscard]] std::map<std::string, std::string> active_images() override;
    void activate_image(const std::string& role, const std::string& image) override;
    bool insert_group(const ports::InstanceGroupRow& row) override;
    [[nodiscard]] std::optional<ports::InstanceGroupRow> find_group(const std::string& id) override;
    [[nodiscard]] std::vector<ports::InstanceGroupRow> groups() override;
    std::int64_t change_group(const ports::InstanceGroupRow& row) override;
    void remove_group(const std::string& id) override;

  private:
    Store& store_;
};

}  // namespace kiln::sqlite
