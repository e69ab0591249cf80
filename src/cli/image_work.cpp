#include "cli/image_work.hpp"

#include <fmt/format.h>

namespace kiln::cli {

namespace {
constexpr std::chrono::milliseconds kBetweenLines{100};
}

std::string progress_text(std::string_view phase, Bytes done, Bytes total) {
    if (total.count != 0) {
        const auto percent =
            100.0 * static_cast<double>(done.count) / static_cast<double>(total.count);
        return fmt::format(
            "{}: {} of {} ({:.0f} %)", phase, humanize(done), humanize(total), percent
        );
    }
    return done.count != 0 ? fmt::format("{}: {}", phase, humanize(done)) : std::string{phase};
}

ImageWork::ImageWork(Context& context, std::chrono::nanoseconds at_most)
    : context_{context},
      job_{context.services},
      cloud_{context.services.cloud()},
      task_{
          cloud_,
          context.services.ledger(),
          job_.id(),
          context.services.job_folder(job_.id()),
          context.stop,
          Deadline::after(at_most),
          [this](std::string_view phase, Bytes done, Bytes total) { show(phase, done, total); }} {}

void ImageWork::show(std::string_view phase, Bytes done, Bytes total) {
    if (context_.quiet) {
        return;
    }
    const std::lock_guard lock{mutex_};
    const auto& terminal = context_.output.err_terminal();
    const auto now = std::chrono::steady_clock::now();
    const bool fresh = phase != phase_;
    if (!terminal.live && fresh) {
        context_.output.remark(fmt::format("{}\n", phase));
    } else if (terminal.live && (fresh || now - shown_ >= kBetweenLines)) {
        const auto room = terminal.width > 0 ? terminal.width - 1 : 0;
        context_.output.remark(
            "\r\x1b[K" + cut(progress_text(phase, done, total), room, terminal.utf8)
        );
        shown_ = now;
    }
    phase_ = phase;
}

void ImageWork::finish() {
    if (!context_.quiet && context_.output.err_terminal().live) {
        context_.output.remark("\r\x1b[K");
    }
    job_.keep({});
}

}  // namespace kiln::cli
