#pragma once

#include "base/bytes.hpp"
#include "base/deadline.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "ports/cloud.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// Machines of a cloud, as narrow roles. Values have EC2's names and meaning.
namespace kiln::ports {

enum class InstanceState {
    pending,        ///< it is being made; nothing of it may run yet
    running,        ///< its first process runs
    stopping,       ///< it was told to end, or is being ended; its volume is to stay
    stopped,        ///< nothing of it runs; its volume is there and no one else's
    shutting_down,  ///< it is being ended, and so is all that it has
    terminated,     ///< nothing of it is left but this record, for an hour
};

[[nodiscard]] std::string_view to_string(InstanceState state) noexcept;
/// @throws Error corrupt: unknown word
[[nodiscard]] InstanceState instance_state(std::string_view word);

/// What becomes of an instance that powers itself off.
enum class ShutdownBehaviour { stop, terminate };

struct InstanceSpec {
    std::string client_token;  ///< the same token yields the same instances; "": always new ones
    ImageId image;
    std::string type;       ///< "ct.small", "vm.medium", "t3.micro"
    std::size_t count = 1;  ///< all of them or none
    Tags tags;              ///< there from the first moment: no untagged instance exists
    std::string
        user_data;  ///< up to 16 KiB: "#!script", "#include URL", for vm.* what cloud-init knows
    std::string key_name;                      ///< of a key pair; "": no key
    std::vector<std::string> security_groups;  ///< ids; none: the default group
    ShutdownBehaviour shutdown = ShutdownBehaviour::stop;
    std::string zone;                  ///< "": the driver's default
    std::optional<Bytes> volume_size;  ///< of the root; none: the image's; never smaller than it
    std::optional<Duration>
        lifetime;        ///< it powers itself off so long after its start, whatever becomes of kiln
    bool spot = false;   ///< a driver without a spot market launches it like any other
    std::string subnet;  ///< "": the driver's default; invalid for a driver that has none
};

struct Instance {
    InstanceId id;
    std::string type;
    ImageId image;
    std::string zone;
    InstanceState state = InstanceState::pending;
    std::string reason;  ///< EC2's StateReason in words: "Client.UserInitiatedShutdown: …"; "" none
    std::string private_ip;
    std::string public_ip;  ///< "": none
    std::string key_name;
    std::vector<std::string> security_groups;
    VolumeId root_volume;
    ShutdownBehaviour shutdown = ShutdownBehaviour::stop;
    std::string client_token;
    TimePoint launched;  ///< of the last start
    std::optional<TimePoint> ended;
    std::optional<TimePoint> deadline;  ///< when it powers itself off
    Tags tags;
};

/// All that are set must hold. Values of one filter are alternatives.
struct InstanceFilter {
    std::vector<InstanceId> ids;
    std::map<std::string, std::vector<std::string>> tags;
    std::vector<std::string> tag_keys;
    std::vector<InstanceState> states;
    std::string client_token;
};

/// No room for it, now: an outcome, not a fault. Another type or zone may have some.
struct NoCapacity {
    std::string why;
};

enum class Change { start, stop, reboot };
/// Asked in kindness first, then ended; or ended at once.
enum class Force { no, yes };

/// What an instance wrote to its console since its first start, as bytes; the newest mebibyte is
/// kept. `from` of the next call is `offset` + text.size().
struct ConsoleOutput {
    std::uint64_t offset =
        0;  ///< of the text's first byte; more than was asked for: the rest is gone
    std::string text;
    bool open = false;  ///< it may write more
};

/// Machines. Calls block up to their deadline; safe from several threads and processes.
class Instances {
  public:
    virtual ~Instances() = default;
    /// Returns when all are `pending` and recorded: what happens to them from there on is told by
    /// `describe`. The same client token yields the same instances, also after a crash between call
    /// and answer.
    /// @throws Error  not_found: no such image, key or group · invalid: unknown type, user data too
    ///                large, volume smaller than the image · conflict: the token stands for another
    ///                request · exhausted: request rate
    virtual std::variant<std::vector<Instance>, NoCapacity> launch(
        const InstanceSpec& spec, Deadline deadline
    ) = 0;
    /// Newest first. @throws Error  not_found: one of `filter.ids` does not exist
    virtual std::vector<Instance> describe(const InstanceFilter& filter) = 0;
    /// Begins their end, from any state. Already gone is success.
    virtual void terminate(const std::vector<InstanceId>& ids, Deadline deadline) = 0;
    /// Begins it. What is so already is success.
    /// @throws Error  not_found · conflict: not from this state
    virtual void change(const InstanceId& id, Change change, Force force, Deadline deadline) = 0;
    /// At once. @throws Error  not_found
    virtual ConsoleOutput console(const InstanceId& id, std::uint64_t from) = 0;
};

struct KeyPair {
    std::string name;
    std::string public_key;   ///< OpenSSH's line
    std::string fingerprint;  ///< "SHA256:…"
    TimePoint created;
};

class KeyPairs {
  public:
    virtual ~KeyPairs() = default;
    /// @throws Error  conflict: the name is taken · invalid: not an OpenSSH public key
    virtual KeyPair import(const std::string& name, const std::string& public_key) = 0;
    /// All, or those named. @throws Error  not_found
    virtual std::vector<KeyPair> describe(const std::vector<std::string>& names) = 0;
    /// Absent is success.
    virtual void remove(const std::string& name) = 0;
};

/// What may come in. Everything may go out, but to kiln itself and to other instances.
struct IngressRule {
    std::string protocol;  ///< "tcp", "udp", "icmp"
    std::uint16_t from_port = 0, to_port = 0;
    std::string cidr;  ///< "0.0.0.0/0"

    bool operator==(const IngressRule&) const = default;
};

struct SecurityGroup {
    std::string id;  ///< "sg-" + 17 hex digits
    std::string name;
    std::string description;
    std::vector<IngressRule> ingress;
    Tags tags;
};

struct SecurityGroupSpec {
    std::string name;
    std::string description;
    std::vector<IngressRule> ingress;
    Tags tags;
};

class SecurityGroups {
  public:
    virtual ~SecurityGroups() = default;
    /// With its rules and tags at once. @throws Error  conflict: the name is taken · invalid: a
    /// rule
    virtual SecurityGroup create(const SecurityGroupSpec& spec) = 0;
    /// All, or those of these ids. @throws Error  not_found
    virtual std::vector<SecurityGroup> describe(const std::vector<std::string>& ids) = 0;
    /// Absent is success. @throws Error  conflict: an instance that is not terminated has it
    virtual void remove(const std::string& id) = 0;
};

/// The roles of one cloud that have to do with machines. The object that made them outlives this.
struct Machines {
    Instances& instances;
    KeyPairs& keys;
    SecurityGroups& groups;
};

}  // namespace kiln::ports
