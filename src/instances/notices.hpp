#pragma once

#include "base/time.hpp"

#include <string>
#include <string_view>

namespace kiln::instances {

/// Something that people want to hear of.
struct Notice {
    enum class Kind {
        started,              ///< an instance of a build was launched
        finished,             ///< an instance said that its init script has ended
        terminating,          ///< an instance is being ended
        failed,               ///< a build failed for good
        failed_to_terminate,  ///< an instance could not be ended, for good
        in_service,           ///< an instance came into its group's service
        out_of_service,       ///< and left it
    };

    Kind kind;
    std::string key;  ///< the same notice has the same key: told twice, it is one
    std::string build, instance;
    std::string site, env, queue, role;
    std::string channel;  ///< "": the notifier's default
    std::string error;
    TimePoint time;
};

[[nodiscard]] std::string_view to_string(Notice::Kind kind) noexcept;

/// Who carries notices on: into an outbox, not to their readers. Safe from several threads.
class Notices {
  public:
    virtual ~Notices() = default;
    /// Durable on return; a failure to tell is the outbox's own affair.
    /// @throws Error  unavailable: the outbox's store failed
    virtual void tell(const Notice& notice) = 0;
};

}  // namespace kiln::instances
