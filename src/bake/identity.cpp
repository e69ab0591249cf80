#include "bake/identity.hpp"

#include <algorithm>

namespace kiln::bake {

namespace {

void reset_machine_id(const os::GuestRoot& guest) {
    using Type = os::GuestRoot::Type;
    if (guest.status("/etc/machine-id").type == Type::file) {
        guest.write("/etc/machine-id", "", 0444);
    }
    if (guest.status("/var/lib/dbus/machine-id").type == Type::file) {
        guest.remove("/var/lib/dbus/machine-id");  // as a link to the other it may stay
    }
}

void reset_ssh_host_keys(const os::GuestRoot& guest) {
    for (const auto& name : guest.list("/etc/ssh")) {
        const bool key =
            name.starts_with("ssh_host_") && (name.ends_with("_key") || name.ends_with("_key.pub"));
        if (key) {
            guest.remove("/etc/ssh/" + name);
        }
    }
}

void reset_random_seed(const os::GuestRoot& guest) {
    for (const auto* path :
         {"/var/lib/systemd/random-seed",
          "/var/lib/urandom/random-seed",
          "/boot/efi/loader/random-seed",
          "/boot/loader/random-seed",
          "/efi/loader/random-seed"}) {
        guest.remove(path);
    }
}

}  // namespace

void reset_identity(const os::GuestRoot& guest, const std::vector<Reset>& keep) {
    const auto wanted = [&](Reset what) {
        return std::find(keep.begin(), keep.end(), what) == keep.end();
    };
    if (wanted(Reset::machine_id)) {
        reset_machine_id(guest);
    }
    if (wanted(Reset::ssh_host_keys)) {
        reset_ssh_host_keys(guest);
    }
    if (wanted(Reset::random_seed)) {
        reset_random_seed(guest);
    }
}

}  // namespace kiln::bake
