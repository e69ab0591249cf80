#pragma once

#include "bake/request.hpp"
#include "os/guest_root.hpp"

#include <vector>

namespace kiln::bake {

/// Takes out of an image what must differ between its machines, except what is to be kept.
///
/// machine-id: `/etc/machine-id` is emptied (systemd makes a new one at first boot), dbus' copy is
/// removed. ssh host keys and the saved random seeds are removed.
/// Source: machine-id(5) "first boot semantics", systemd-random-seed(8).
void reset_identity(const os::GuestRoot& guest, const std::vector<Reset>& keep);

}  // namespace kiln::bake
