#pragma once

#include "instances/groups.hpp"
#include "instances/world.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::instances {

/// Who calls: whoever has the token, or a machine that has the secret of one build.
enum class Caller { token, machine };

/// What the instance API's routes call. Every refusal is an Error with its kind; an id that is none
/// is `not_found`. Safe from several threads.
class Desk {
  public:
    /// `world` outlives this. `stop` begins the graceful shutdown of the server.
    Desk(World& world, std::function<void()> stop);

    /// Does the secret open the routes of this build? As slow for a wrong one as for a right one,
    /// and for a build that there is not. It does until nothing of the build is left.
    [[nodiscard]] bool admits(const std::string& build, std::string_view secret);

    /// @param body  what stands under "instance_builds"
    /// @param slack_channel  of the query; it wins over the body's
    /// @throws Error  invalid: every fault at once · unavailable: the queue
    InstanceBuild submit_build(
        const json::value& body, const std::optional<std::string>& slack_channel
    );
    /// @throws Error  not_found
    [[nodiscard]] InstanceBuild find_build(const std::string& id);
    /// As JSON, with its instances, since when and how long each ran ("running_seconds").
    [[nodiscard]] json::object show_build(const std::string& id);
    /// Newest first.
    [[nodiscard]] std::vector<InstanceBuild> list_builds(const ports::InstanceBuildFilter& filter);

    /// A machine's report.
    struct Report {
        std::string state;        ///< "finished"; "pending" and "started" change nothing
        std::string instance_id;  ///< "": the build's only one
        std::string slack_channel;
    };

    /// The build is finished when all of its machines are that are not gone.
    /// @throws Error  not_found: build, or instance of it · invalid: the state · conflict: failed
    InstanceBuild finish_build(const std::string& id, const Report& report);
    /// @throws Error  not_found: no such build, or its script is gone or expired
    [[nodiscard]] std::string init_script(const std::string& build);

    struct Listing {
        std::vector<SeenInstance> instances;
        Freshness freshness;
    };

    [[nodiscard]] Listing list_instances(const ListFilter& filter);
    /// @throws Error  not_found · unavailable: not known, since the cloud was not seen yet
    [[nodiscard]] SeenInstance find_instance(const std::string& id);
    /// Queues its end. @throws Error  not_found · unavailable: the queue
    void terminate(const std::string& id, const std::string& slack_channel);

    /// The life-cycle calls of a machine; a machine may speak for instances of its build alone.
    /// @throws Error  not_found: build, or instance (of it)
    SeenInstance heartbeat(Caller caller, const std::string& build, const std::string& instance);
    SeenInstance launched(
        Caller caller,
        const std::string& build,
        const std::string& instance,
        const std::string& slack_channel
    );
    /// It has drained: it is ended, and whoever waited for that is told.
    SeenInstance terminated(
        Caller caller,
        const std::string& build,
        const std::string& instance,
        const std::string& slack_channel
    );

    [[nodiscard]] ImageCatalog::Listing list_images(const ImageQuery& query);
    /// @param role  none: the image's own
    RoleImage activate_image(const std::string& id, const std::optional<std::string>& role);

    /// @param body  what stands under "autoscaling_group_builds"
    InstanceGroup submit_group(
        const json::value& body, const std::optional<std::string>& slack_channel
    );
    [[nodiscard]] InstanceGroup find_group(const std::string& id);
    [[nodiscard]] std::vector<InstanceGroup> list_groups();
    InstanceGroup resize_group(const std::string& id, const Resize& sizes);
    /// Its machines drain, then it goes.
    InstanceGroup remove_group(const std::string& id);

    /// @param body  as it came
    /// @returns  what became of it, in words
    /// @throws Error  invalid: not an SNS message · denied: its signature, or a topic that nobody
    ///                named in the settings
    std::string sns_message(std::string_view body);

    void shutdown() { stop_(); }

  private:
    InstanceGroup change_group(
        const std::string& id, const std::function<void(InstanceGroup&)>& change
    );
    /// The instance, if the caller may speak for it.
    SeenInstance spoken_for(Caller caller, const std::string& build, const std::string& instance);

    World& world_;
    std::function<void()> stop_;
};

}  // namespace kiln::instances
