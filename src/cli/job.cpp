#include "cli/services.hpp"

namespace kiln::cli {

void Job::keep(const std::vector<ports::Resource>& resources) {
    services_.ledger().release(id_, resources);
    kept_ = true;
    services_.undo_job(id_);
}

Job::~Job() {
    if (kept_) {
        return;
    }
    try {
        services_.undo_job(id_);
    } catch (const std::exception& error) {
        log_warning(
            "clean-up is left to the next kiln gc", {{"job", id_.str()}, {"error", error.what()}}
        );
    }
}

}  // namespace kiln::cli
