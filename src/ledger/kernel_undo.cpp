#include "ledger/job.hpp"
#include "ledger/pid_file.hpp"
#include "os/cgroup.hpp"
#include "os/loop_device.hpp"
#include "os/mount.hpp"

#include <chrono>

namespace kiln::ledger {

namespace {

Deadline patience() {
    return Deadline::after(std::chrono::seconds{20});
}

}  // namespace

std::map<ports::ResourceKind, Undo> kernel_undo() {
    using ports::Resource;
    using enum ports::ResourceKind;
    return {
        {process, [](const Resource& r) { end_pid_file_owner(r.name, patience()); }},
        {mount, [](const Resource& r) { os::unmount_all(r.name); }},
        {loop, [](const Resource& r) { os::detach_loop_devices(r.name, patience()); }},
        {cgroup, [](const Resource& r) { os::Cgroup::destroy(r.name, patience()); }},
        {folder, [](const Resource& r) { os::remove_tree(r.name); }},
    };
}

}  // namespace kiln::ledger
