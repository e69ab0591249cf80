#pragma once

#include "ports/instances.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What the local cloud remembers of its instances, key pairs and security groups. Its rules are
/// not here: a store keeps rows, and makes of several writes one.
namespace kiln::ports {

/// What somebody wants of an instance and its keeper has not done yet.
enum class Wish { none, stop, reboot, terminate };

[[nodiscard]] std::string_view to_string(Wish wish) noexcept;
/// @throws Error corrupt: unknown word
[[nodiscard]] Wish wish(std::string_view word);

/// One instance: what everybody sees, and what its keeper needs.
struct InstanceRecord {
    Instance instance;
    std::int64_t revision = 0;  ///< of this record; rises with every `replace`
    std::int64_t place = 0;     ///< in the order of launches, from 1; given by `add`
    std::string user_data;
    std::string request;  ///< hash of the launch request; a client token stands for one
    std::optional<Bytes> volume_size;  ///< larger than the image
    std::optional<Duration> lifetime;  ///< counts from each start
    /// The process that answers for it: the launcher, then its keeper. Dead: nobody does.
    std::optional<HolderId> keeper;
    std::optional<JobId> job;  ///< of that process: all that the ledger has of this instance
    Wish wish = Wish::none;
    Force force = Force::no;  ///< of the wish
    std::int64_t starts = 0;  ///< how often a guest of it ran, counted from its first real boot
    int first_process = 0;    ///< while it runs: as the host numbers it; 0: no way in
    std::vector<std::pair<std::uint16_t, std::string>> forwards;  ///< guest's port, host's address
};

/// Which address an instance gets is settled with the commit that records it.
struct AddressRange {
    std::string base;  ///< "10.64.4.": three numbers of an IPv4 address …
    int first = 2;     ///< … and the last one, from here to there
    int last = 254;
};

/// Each mutating call returns when it is durable. Safe from several threads and processes.
class InstanceStore {
  public:
    virtual ~InstanceStore() = default;
    /// All of them or none, with tags. Each gets an address of `range` that no instance has that is
    /// not terminated (`instance.private_ip`), and a place. The volumes of the records, which the
    /// ledger has as the job's, are theirs from this commit on. Where the client token (not "") is
    /// there already, nothing is written.
    /// @returns  those that stand for the token, or these; in the order of launch
    /// @throws Error  conflict: the token stands for another request · exhausted: no address left ·
    ///   not_found: a key or a group that they name is gone
    virtual std::vector<InstanceRecord> add(
        const JobId& from, std::vector<InstanceRecord> records, const AddressRange& range
    ) = 0;
    [[nodiscard]] virtual std::optional<InstanceRecord> find(const InstanceId& id) = 0;
    /// Newest first; those that pass the filter.
    [[nodiscard]] virtual std::vector<InstanceRecord> list(const InstanceFilter& filter) = 0;
    /// Writes the record over the one of the same revision; tags are left alone.
    /// @returns  false: it was changed meanwhile, or is gone
    [[nodiscard]] virtual bool replace(const InstanceRecord& record) = 0;
    /// With their tags. Absent is success.
    virtual void remove(const std::vector<InstanceId>& ids) = 0;
};

class KeyPairStore {
  public:
    virtual ~KeyPairStore() = default;
    /// @returns  false: the name is taken
    [[nodiscard]] virtual bool add(const KeyPair& key) = 0;
    /// By name.
    [[nodiscard]] virtual std::vector<KeyPair> list() = 0;
    virtual void remove(const std::string& name) = 0;
};

class SecurityGroupStore {
  public:
    virtual ~SecurityGroupStore() = default;
    /// @returns  false: the name is taken
    [[nodiscard]] virtual bool add(const SecurityGroup& group) = 0;
    /// By name.
    [[nodiscard]] virtual std::vector<SecurityGroup> list() = 0;
    /// Absent is success. @returns  an instance that has it and is not terminated: nothing was done
    [[nodiscard]] virtual std::optional<InstanceId> remove(const std::string& id) = 0;
};

}  // namespace kiln::ports
