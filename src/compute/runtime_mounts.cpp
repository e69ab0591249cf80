#include "compute/runtime_mounts.hpp"

#include "base/error.hpp"

#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/vfs.h>

namespace kiln::compute {

void hide_mixed_cgroups() {
    // Where crun looks, too: libcrun's cgroup mode "hybrid".
    constexpr const char* kUnified = "/sys/fs/cgroup/unified";

    struct statfs found {};

    if (::statfs(kUnified, &found) != 0 || found.f_type != CGROUP2_SUPER_MAGIC) {
        return;
    }
    if (::unshare(CLONE_NEWNS) != 0) {
        throw_errno("make a mount namespace for crun");
    }
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", kUnified, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k") != 0) {
        throw_errno("hide the second hierarchy of control groups");
    }
}

}  // namespace kiln::compute
