#pragma once

#include "base/guarded.hpp"
#include "base/json.hpp"
#include "ports/instances.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace kiln::instances {

/// An instance as the API shows it. Never changed once it is made; shared.
struct Seen {
    ports::Instance instance;
    std::string name, site, env, role, queue;  ///< of its tags; "": none
    std::string build;                         ///< the build it is of; "": none
    std::string expected_state = "up";         ///< "up", "down"
    std::string text;                          ///< its JSON, in one line
};

using SeenInstance = std::shared_ptr<const Seen>;

/// The JSON of an instance: id, name, instance_type, image_id, ip, private_ip, launch_time, queue,
/// env, site, role, expected_state; state, instance_build_id.
[[nodiscard]] json::object to_json(const Seen& seen);

[[nodiscard]] SeenInstance see(ports::Instance instance, std::string expected_state);

/// Those that are set must be equal.
struct ListFilter {
    std::optional<std::string> env, site, role, queue;
};

/// How old the view is.
struct Freshness {
    std::optional<TimePoint> as_of;  ///< of the last good look at the cloud; none: there was none
    bool stale = true;               ///< the last look failed, or there was none
    std::string why;                 ///< of the failure
};

/// Which instances there are, as the cloud said when it was last asked, and as this server changed
/// them since. All those that are neither gone nor going. Safe from several threads.
class Cache {
  public:
    /// What a machine is to be, if that is not "up", by instance id.
    using Expected = std::map<std::string, std::string>;

    /// Before the cloud is asked; what it gives goes to replace().
    [[nodiscard]] std::int64_t mark();
    /// Takes the place of all there was, but for what was put or removed since `mark`: the answer
    /// may be older than that.
    void replace(
        std::vector<ports::Instance> instances,
        const Expected& expected,
        TimePoint now,
        std::int64_t mark
    );
    void mark_stale(const std::string& why);

    /// Adds it, or takes its older self's place. One that is ending goes. `expected` none: as
    /// it was.
    void put(ports::Instance instance, std::optional<std::string> expected = std::nullopt);
    void remove(const std::string& id);

    /// nullptr: there is none.
    [[nodiscard]] SeenInstance find(const std::string& id) const;
    /// Newest first. By index: costs what the rarest of the filter's values costs.
    [[nodiscard]] std::vector<SeenInstance> list(const ListFilter& filter) const;
    [[nodiscard]] Freshness freshness() const;
    [[nodiscard]] std::size_t size() const;

  private:
    /// Newest first.
    struct Newer {
        bool operator()(const SeenInstance& a, const SeenInstance& b) const;
    };

    using Ordered = std::set<SeenInstance, Newer>;

    struct View {
        std::unordered_map<std::string, SeenInstance> by_id;
        Ordered all;
        std::map<std::pair<char, std::string>, Ordered> by_value;
        Freshness freshness;
        std::int64_t changes = 0;
        std::map<std::string, std::int64_t> changed;  ///< by put() and remove(), and which change

        void add(SeenInstance seen);
        void remove(const std::string& id);
    };

    mutable Guarded<View> view_;
};

}  // namespace kiln::instances
