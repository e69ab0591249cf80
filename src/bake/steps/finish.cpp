#include "bake/bake_run.hpp"
#include "bake/identity.hpp"
#include "bake/logs.hpp"
#include "bake/step.hpp"
#include "inspect/lineage.hpp"
#include "os/guest_root.hpp"

namespace kiln::bake {

void finish(BakeRun& run) {
    collect_logs(run);
    const os::GuestRoot guest{run.root->path()};
    guest.remove(kBootstrapFolder);
    reset_identity(guest, run.request.keep);
    try {
        guest.write(
            inspect::kLineagePath,
            inspect::append_lineage(
                guest.read(inspect::kLineagePath), inspect::as_ancestor(run.resolved.parent)
            )
        );
    } catch (const Error& error) {
        throw error.while_(std::string{"write "} + std::string{inspect::kLineagePath});
    }
}

}  // namespace kiln::bake
