#pragma once

#include "jail/seccomp_rules.hpp"

#include <string>

namespace kiln::jail {

/// The rules as a program of the kernel's classic packet filter (struct sock_filter, an array), for
/// every word length that this machine runs. Built by libseccomp.
/// A foreign architecture's calls, x32 among them, are refused with ENOSYS.
/// @throws Error  internal: libseccomp refused a rule
[[nodiscard]] std::string compile_seccomp(const std::vector<SeccompRule>& rules);

/// `compile_seccomp(seccomp_rules())`, built at the first call of the process.
[[nodiscard]] const std::string& seccomp_program();

}  // namespace kiln::jail
