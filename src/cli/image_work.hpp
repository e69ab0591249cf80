#pragma once

#include "cli/services.hpp"
#include "images/task.hpp"

#include <mutex>
#include <string>

namespace kiln::cli {

/// One operation on images: a job with a folder of its own, and progress on stderr. What the job
/// still owns at the end, in success as in failure, is undone.
class ImageWork {
  public:
    explicit ImageWork(Context& context, std::chrono::nanoseconds at_most = std::chrono::hours{6});
    ImageWork(ImageWork&&) = delete;

    [[nodiscard]] const images::Task& task() const noexcept { return task_; }

    /// Undoes now what is left. @throws Error  it could not be undone
    void finish();

  private:
    void show(std::string_view phase, Bytes done, Bytes total);

    Context& context_;
    Job job_;
    ports::Cloud cloud_;
    images::Task task_;
    std::mutex mutex_;  ///< guards what follows: progress may come from several threads
    std::string phase_;
    std::chrono::steady_clock::time_point shown_;
};

/// "unpacking: 12.5 MiB of 100.0 MiB (12 %)". Pure.
[[nodiscard]] std::string progress_text(std::string_view phase, Bytes done, Bytes total);

}  // namespace kiln::cli
