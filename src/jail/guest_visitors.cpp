#include "base/error.hpp"
#include "base/log.hpp"
#include "jail/jail.hpp"
#include "jail/operations.hpp"
#include "jail/systemctl_wrapper.hpp"
#include "jail/visitor.hpp"
#include "os/fd.hpp"
#include "os/guest_root.hpp"

#include <optional>

#include <fmt/format.h>

namespace kiln::jail {

namespace {

using Type = os::GuestRoot::Type;

constexpr std::string_view kResolver = "/etc/resolv.conf";
constexpr std::string_view kPolicy = "/usr/sbin/policy-rc.d";
constexpr unsigned kProgramMode = 0755;
constexpr unsigned kFileMode = 0644;

/// The host's resolver settings; a host without any has nothing to give.
std::optional<std::string> host_resolver() {
    try {
        return os::read_file(kResolver, 1U << 20);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found) {
            throw;
        }
        return std::nullopt;
    }
}

bool is_folder(const os::GuestRoot& guest, std::string_view path) {
    const auto place = leads_to(guest, path);
    return place && guest.status(*place).type == Type::folder;
}

bool has_systemctl(const os::GuestRoot& guest) {
    return guest.exists("/usr/bin/systemctl") || guest.exists("/bin/systemctl");
}

}  // namespace

struct GuestVisitors::State {
    explicit State(const std::filesystem::path& root) : guest{root} {}

    void add(std::string_view path, std::string_view bytes, unsigned mode) {
        visitors.push_back(
            std::make_unique<Visitor>(guest, std::string{path}, std::string{bytes}, mode)
        );
    }

    void add_resolver() {
        const auto bytes = host_resolver();
        if (!bytes || !is_folder(guest, "/etc")) {
            return;
        }
        const auto status = guest.status(kResolver);
        const auto place = status.type == Type::link ? leads_to(guest, kResolver) : std::nullopt;
        if (place && on_own_tmpfs(*place)) {
            files.push_back({*place, *bytes, kFileMode});
        } else if (status.type != Type::file || guest.read(kResolver) != bytes) {
            add(kResolver, *bytes, kFileMode);
        }
    }

    void add_service_guards() {
        if (is_folder(guest, "/usr/sbin")) {
            add(kPolicy, policy_rc_d(), kProgramMode);
        }
        if (has_systemctl(guest)) {
            files.push_back(
                {fmt::format("{}/systemctl", kWrapperFolder),
                 std::string{systemctl_wrapper()},
                 kProgramMode}
            );
        }
    }

    os::GuestRoot guest;
    std::vector<JailPlan::File> files;
    std::vector<std::unique_ptr<Visitor>> visitors;
};

GuestVisitors::GuestVisitors(const std::filesystem::path& root, Network network)
    : state_{std::make_unique<State>(root)} {
    if (network == Network::host) {
        state_->add_resolver();
    }
    state_->add_service_guards();
}

GuestVisitors::~GuestVisitors() = default;

const std::vector<JailPlan::File>& GuestVisitors::files() const noexcept {
    return state_->files;
}

void GuestVisitors::revert() {
    for (auto& visitor : state_->visitors) {
        visitor->revert();
    }
}

}  // namespace kiln::jail
