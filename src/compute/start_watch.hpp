#pragma once

#include "os/fd.hpp"

#include <chrono>
#include <functional>
#include <stop_token>
#include <thread>

namespace kiln::compute {

/// A keeper that missed its call looks all the same.
inline constexpr std::chrono::seconds kLookAgain{15};

/// Ends a start that nobody wants any more: a guest that never boots can be stopped and terminated
/// all the same.
class StartWatch {
  public:
    /// @param calls  the keeper's socket; nobody else reads from it meanwhile
    /// @param unwanted  called in a thread of this object's, now and after each call
    StartWatch(const os::Fd& calls, std::stop_token stop, std::function<bool()> unwanted);
    StartWatch(StartWatch&&) = delete;

    /// Stop is requested when the start is unwanted, or `stop` was.
    [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

  private:
    struct PassOn {
        std::stop_source source;

        void operator()() { source.request_stop(); }
    };

    void look(const std::stop_token& done) noexcept;

    const os::Fd& calls_;
    std::function<bool()> unwanted_;
    std::stop_source source_;
    std::stop_callback<PassOn> passed_on_;
    std::jthread thread_;
};

}  // namespace kiln::compute
