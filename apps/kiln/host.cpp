#include "cli/doctor_facts.hpp"
#include "images/accelerator.hpp"
#include "images/boot_test.hpp"
#include "os/fd.hpp"
#include "world.hpp"

#include <fmt/format.h>

#include <sys/utsname.h>

/// What depends on the host: boot tests, and what `kiln doctor` looks at.
namespace kiln {

namespace {

std::string host_architecture() {
    utsname name{};
    const bool arm = ::uname(&name) == 0 && std::string_view{name.machine} == "aarch64";
    return arm ? "arm64" : "x86_64";
}

/// Whether a guest runs under KVM is found out once per boot: where it does not, asking costs
/// seconds.
bool kvm_works(const std::filesystem::path& run_folder, const std::stop_token& stop) {
    const auto boot = os::read_file("/proc/sys/kernel/random/boot_id").substr(0, 36);
    const auto note = run_folder / "kvm-runs";
    try {
        const auto known = os::read_file(note);
        if (known.starts_with(boot)) {
            return known.ends_with(" yes\n");
        }
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found) {
            throw;
        }
    }
    const bool works = images::kvm_works(run_folder, stop);
    os::write_file_durably(note, boot + (works ? " yes\n" : " no\n"));
    return works;
}

std::chrono::seconds time_left(Deadline deadline) {
    constexpr std::chrono::seconds kLongest{3600};
    const auto left = deadline.at() - Deadline::Clock::now();
    return std::clamp(
        std::chrono::duration_cast<std::chrono::seconds>(left), std::chrono::seconds{1}, kLongest
    );
}

}  // namespace

bool World::wants_kvm(const std::stop_token& stop) const {
    const auto& accelerator = config_.boot_test_accelerator;
    return accelerator == "kvm" || (accelerator == "auto" && kvm_works(run_folder(), stop));
}

void World::boot_test(
    const JobId& job,
    const SnapshotId& snapshot,
    const std::string& marker,
    const std::stop_token& stop,
    Deadline deadline
) {
    const auto folder = run_folder() / job.str() / "boot-test";
    std::filesystem::create_directories(folder);
    images::BootOptions options;
    options.architecture = host_architecture();
    options.patience = std::min(options.patience, time_left(deadline));
    if (!marker.empty()) {
        options.markers = {marker};
    }
    options.accelerator =
        wants_kvm(stop) ? images::Accelerator::kvm : images::Accelerator::emulation;
    const images::Task task{parts().cloud, parts().ledger, job, folder, stop, deadline, {}};
    (void)images::boot_snapshot(task, snapshot, options);
}

cli::HostFacts World::host_facts(cli::DeepCheck deep, const std::stop_token& stop) {
    auto facts = cli::gather_host_facts(config_.home, config_.local_min_free, stop);
    if (facts.home_problem || !std::filesystem::exists(config_.home)) {
        return facts;
    }
    try {
        parts().store.check();
    } catch (const Error& error) {
        facts.store_problem = error.message();
        return facts;
    }
    if (deep == cli::DeepCheck::no) {
        return facts;
    }
    facts.layers_checked = true;
    for (const auto& layer : parts().catalog.layers()) {
        os::throw_if_stopped(stop, "checking layers");
        if (!layer.frozen) {
            continue;  // someone may be writing to it
        }
        try {
            if (auto problem = parts().local.check(layer.id)) {
                facts.bad_layers.emplace_back(layer.id.str(), std::move(*problem));
            }
        } catch (const Error& error) {
            facts.bad_layers.emplace_back(layer.id.str(), error.message());
        }
    }
    return facts;
}

}  // namespace kiln
