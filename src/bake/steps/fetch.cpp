#include "bake/bake_run.hpp"
#include "bake/bootstrap_source.hpp"
#include "bake/step.hpp"
#include "os/guest_root.hpp"

namespace kiln::bake {

void fetch(BakeRun& run) {
    if (run.resume_at > 0) {
        return;  // the checkpoint holds the bootstrap, as the commands so far have left it
    }
    const os::GuestRoot guest{run.root->path()};
    guest.remove(kBootstrapFolder);
    guest.make_folder(kBootstrapFolder, 0700);
    if (!run.resolved.bootstrap.empty()) {
        place_bootstrap(run.resolved.bootstrap, guest, kBootstrapFolder, run.stop);
    }
}

}  // namespace kiln::bake
