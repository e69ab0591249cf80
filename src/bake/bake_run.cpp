#include "bake/bake_run.hpp"

#include "bake/step.hpp"
#include "base/fault.hpp"
#include "base/log.hpp"
#include "os/interrupt.hpp"

#include <fmt/format.h>

namespace kiln::bake {

namespace {

Duration since(std::chrono::steady_clock::time_point began) {
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began);
}

void check_time(const BakeRun& run, std::string_view step) {
    os::throw_if_stopped(run.stop, step);
    if (run.deadline.passed()) {
        throw Error{
            ErrorKind::timed_out,
            fmt::format(
                "the bake's deadline of {} s passed before step '{}'",
                run.request.deadline.count(),
                step
            )}
            .hint("raise deadline_seconds (--deadline)");
    }
}

}  // namespace

void BakeRun::run_steps() {
    for (const auto& [name, perform] : kSteps) {
        step = name;
        check_time(*this, name);
        recorder.step_began(name);
        const auto began = std::chrono::steady_clock::now();
        try {
            fault_point(fmt::format("before:{}", name));
            perform(*this);
            fault_point(fmt::format("after:{}", name));
        } catch (const std::exception& error) {
            time_line.push_back({std::string{name}, since(began)});
            recorder.step_ended(name, time_line.back().took, false);
            if (const auto* files =
                    dynamic_cast<const std::filesystem::filesystem_error*>(&error)) {
                throw Error::from_errno(files->code().value(), files->path1().string());
            }
            throw;
        }
        time_line.push_back({std::string{name}, since(began)});
        recorder.step_ended(name, time_line.back().took, true);
    }
    os::throw_if_stopped(stop, "finishing the bake");
}

namespace {

/// Undoing goes on past what fails: the ledger still has it.
void quietly(std::string_view what, const std::function<void()>& act) noexcept {
    try {
        act();
    } catch (const std::exception& error) {
        log_debug("undo", {{"what", std::string{what}}, {"error", error.what()}});
    }
}

}  // namespace

void BakeRun::let_go() noexcept {
    quietly("cgroup", [&] { cgroup = os::Cgroup{}; });
    quietly("unmount", [&] {
        if (root) {
            root->unmount();
        }
    });
    root.reset();
    quietly("detach", [&] {
        if (attached) {
            attached->detach();
        }
    });
    attached.reset();
}

void BakeRun::drop_volume() noexcept {
    quietly("volume", [&] {
        if (volume) {
            world.cloud.volumes.remove(volume->id, Deadline::never());
        }
    });
}

bool BakeRun::may_wait_again(const Error& error) const noexcept {
    const auto kind = error.kind();
    const bool stopped = kind == ErrorKind::cancelled && !cancelled.stop_requested();
    // timed_out is the request's own deadline or limit: an outcome.
    const bool lacked = kind == ErrorKind::exhausted || kind == ErrorKind::unavailable;
    return submission != nullptr && (stopped || lacked);
}

Error BakeRun::cause_of(const Error& error) noexcept {
    try {
        if (attached && error.kind() != ErrorKind::cancelled) {
            if (auto storage = attached->failure()) {
                return std::move(*storage).while_(
                    fmt::format("step '{}' ({})", step, error.message())
                );
            }
        }
    } catch (const std::exception& second) {
        log_debug("cause", {{"error", second.what()}});
    }
    return error;
}

jail::JailPlan jail_plan(
    const Request& request, const std::filesystem::path& root, std::vector<std::string> command
) {
    jail::JailPlan plan;
    plan.root = root;
    plan.directory = kBootstrapFolder;
    plan.command = std::move(command);
    plan.environment = request.environment;
    plan.network =
        request.network == NetworkPolicy::none ? jail::Network::none : jail::Network::host;
    return plan;
}

}  // namespace kiln::bake
