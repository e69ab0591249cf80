#pragma once

#include "flow/task_runner.hpp"
#include "tasks/item_format.hpp"
#include "tasks/objects.hpp"

namespace kiln::tasks {

/// Items of objects in buckets and folders; results of Maps, written there.
class BucketItems final : public flow::ItemSource {
  public:
    /// @param s3       nullptr: none is configured
    /// @param folders  for buckets that are `file://…`; both outlive it
    BucketItems(Objects* s3, Objects& folders) : s3_{s3}, folders_{folders} {}

    [[nodiscard]] flow::Payload read(
        const asl::Resource& resource, const json::value& parameters, const json::object& config
    ) override;
    void write(const json::value& parameters, const std::string& file, const std::string& text)
        override;

  private:
    struct Place {
        std::string bucket;
        std::string key;
        std::string version;
        std::string prefix;
    };

    [[nodiscard]] static Place place_of(const json::value& parameters);
    [[nodiscard]] Objects& objects_of(const std::string& bucket) const;
    [[nodiscard]] std::string text_at(const Place& place) const;

    void add_object(const Place& place, const ReaderConfig& config, json::array& items) const;
    void add_listing(const Place& place, const ReaderConfig& config, json::array& items) const;
    void add_inventory(const std::string& manifest, ReaderConfig config, json::array& items) const;
    void add_athena(const std::string& manifest, const ReaderConfig& config, json::array& items)
        const;

    Objects* s3_;
    Objects& folders_;
};

}  // namespace kiln::tasks
