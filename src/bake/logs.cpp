#include "bake/logs.hpp"

#include "base/log.hpp"
#include "os/guest_root.hpp"

#include <fmt/format.h>

#include <fcntl.h>

namespace kiln::bake {

namespace {

constexpr std::size_t kLongestLog = std::size_t{256} << 20;

std::filesystem::path destination_of(const BakeRun& run) {
    if (run.request.logs_destination) {
        return *run.request.logs_destination;
    }
    return run.world.log_folder / run.id.str();
}

}  // namespace

void collect_logs(BakeRun& run) {
    const os::GuestRoot guest{run.root->path()};
    const auto destination = destination_of(run);
    for (const auto& path : run.request.log_files) {
        std::optional<std::string> text;
        try {
            text = guest.read(path, kLongestLog);
        } catch (const Error& error) {
            run.recorder.note("finish", fmt::format("log file {}: {}", path, error.message()));
            continue;
        }
        if (!text) {
            run.recorder.note("finish", fmt::format("log file {} does not exist", path));
            continue;
        }
        const auto to = destination / std::filesystem::path{path}.relative_path();
        std::filesystem::create_directories(to.parent_path());
        os::write_file_durably(to, *text, 0600);
        run.recorder.note("finish", fmt::format("log file {} is kept as {}", path, to.string()));
    }
}

void collect_logs_after_failure(BakeRun& run) noexcept {
    try {
        if (run.root && run.step == "run") {
            collect_logs(run);
        }
    } catch (const std::exception& error) {
        log_warning(
            "log files were not collected", {{"bake", run.id.str()}, {"error", error.what()}}
        );
    }
}

}  // namespace kiln::bake
