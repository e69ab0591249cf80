#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

namespace kiln::local {

/// Has the kernel write a growing file to disk while it grows, not only when it is synced.
///
/// What a guest syncs is copied to the layer first and written from there second. By itself the
/// kernel begins the second part when the first is done, or after 30 s: a large sync takes as long
/// as both. Nothing is waited for and no error is swallowed: who syncs the file is told of it as
/// before.
class EarlyWriteback {
  public:
    EarlyWriteback() = default;
    EarlyWriteback(EarlyWriteback&&) = delete;
    /// May last for one request to the disk.
    ~EarlyWriteback() = default;

    /// From now on this file, instead of the one before. Nothing is done where it cannot be opened.
    void follow(const std::filesystem::path& file);

  private:
    void work(const std::stop_token& stop);

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::filesystem::path file_;  ///< the next to follow; "" = none
    std::jthread thread_;         ///< the last member: it uses the others
};

}  // namespace kiln::local
