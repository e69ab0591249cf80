#pragma once

#include "bake/baker.hpp"
#include "os/interrupt.hpp"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <thread>

namespace kiln::bake {

/// What one process tells another about a running bake goes through files in the bake's folder:
/// `notify` changes after each stored batch of events, `cancel` appears to ask for an end.
inline constexpr std::string_view kNotifyFile = "notify";
inline constexpr std::string_view kCancelFile = "cancel";

/// Tells those who follow a bake that there is more in the store; makes the file when it is
/// missing.
void notify_followers(const std::filesystem::path& folder) noexcept;

/// Tells those who wait for a bake's turn, and hence watch the folder of all bakes, that it began.
void announce(const std::filesystem::path& folder) noexcept;

/// Waits until something in the folder changes or the folder goes away. What changed between two
/// calls is not lost: the watch begins with the object.
class FolderWatch {
  public:
    explicit FolderWatch(const std::filesystem::path& folder);

    /// False when the folder could not be watched: it does not exist (any more).
    [[nodiscard]] bool watching() const noexcept { return static_cast<bool>(inotify_); }

    os::Ready wait(const os::StopFd* stop, Deadline deadline);

  private:
    os::Fd inotify_;
};

/// Requests stop of `source` when a `cancel` file appears in the folder. A thread for the bake's
/// life.
class CancelWatch {
  public:
    CancelWatch(const std::filesystem::path& folder, std::stop_source source);
    CancelWatch(CancelWatch&&) = delete;
    ~CancelWatch();

  private:
    std::stop_source quit_;
    std::thread thread_;
};

/// Who may end a bake: whoever runs it, and a user through the cancel file.
class BakeStop {
  public:
    BakeStop(const std::filesystem::path& folder, const std::stop_token& stop)
        : by_caller_{stop, [this] { any_.request_stop(); }},
          by_user_{user_.get_token(), [this] { any_.request_stop(); }},
          watch_{folder, user_} {}

    [[nodiscard]] std::stop_token any() const { return any_.get_token(); }

    [[nodiscard]] std::stop_token user() const { return user_.get_token(); }

  private:
    std::stop_source any_;
    std::stop_source user_;
    std::stop_callback<std::function<void()>> by_caller_;
    std::stop_callback<std::function<void()>> by_user_;
    CancelWatch watch_;
};

}  // namespace kiln::bake
