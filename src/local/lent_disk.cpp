#include "local/lent_disk.hpp"

#include "base/fault.hpp"
#include "base/log.hpp"
#include "local/top_layer.hpp"

namespace kiln::local {

LentDisk::LentDisk(
    Shared& shared,
    VolumeId volume,
    std::filesystem::path file,
    os::FileLock lock,
    os::FileLock chains
)
    : shared_{&shared},
      volume_{std::move(volume)},
      file_{std::move(file)},
      lock_{std::move(lock)},
      chains_{std::move(chains)} {}

LentDisk LentDisk::lend(Shared& shared, const JobId& owner, const VolumeId& volume) {
    (void)shared.volume(volume);
    auto lock = lock_volume(shared.files, volume);
    const auto record = shared.volume(volume);  // again: now nobody else changes it
    shared.refuse_when_full();
    const Top top = choose_top(shared, record, false);
    if (top.fresh) {
        shared.ledger.intend(owner, {{ports::ResourceKind::layer, top.layer.id.str()}});
    }
    record_top(shared, volume, top);
    auto chains = shared.files.lock_chains(os::FileLock::Mode::shared);
    fault_point("local:lent");
    return {shared, volume, shared.files.path(top.layer.id), std::move(lock), std::move(chains)};
}

void LentDisk::give_back() {
    if (shared_ == nullptr) {
        return;
    }
    auto& shared = *std::exchange(shared_, nullptr);
    chains_.release();
    std::optional<Error> failure;
    try {
        os::sync_path(file_);
    } catch (const Error& error) {
        failure = error;
    }
    // The volume's lock is the truth, its state what is shown: set while we still hold the lock.
    shared.catalog.update_volume(volume_, ports::VolumeState::available);
    lock_.release();
    if (failure) {
        throw std::move(*failure);
    }
}

LentDisk::~LentDisk() {
    try {
        give_back();
    } catch (const std::exception& error) {
        log_warning("volume-given-back-after-failure", {{"why", error.what()}});
    }
}

}  // namespace kiln::local
