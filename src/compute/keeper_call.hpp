#pragma once

#include "base/ids.hpp"
#include "os/fd.hpp"

/// How a keeper is woken: a datagram to a socket that has its instance's name. It says nothing; the
/// keeper reads its record then.
namespace kiln::compute {

/// @throws Error  conflict: another process keeps this instance
[[nodiscard]] os::Fd listen_for_calls(const InstanceId& id);
void take_calls(const os::Fd& calls) noexcept;
/// Nobody there is no error.
void call_keeper(const InstanceId& id) noexcept;

}  // namespace kiln::compute
