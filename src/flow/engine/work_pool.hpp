#pragma once

#include "base/guarded.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

namespace kiln::flow {

/// Threads for work that blocks. They come with the first work; what has not begun at the end is
/// dropped.
class WorkPool {
  public:
    using Work = std::function<void()>;

    explicit WorkPool(std::size_t threads) : most_{threads} {}

    WorkPool(WorkPool&&) = delete;

    ~WorkPool() {
        box_.lock()->closing = true;
        arrived_.notify_all();
        for (auto& thread : threads_) {
            thread.join();
        }
    }

    /// Called by one thread. `work` must not throw.
    void run(Work work) {
        std::size_t waiting = 0;
        {
            auto box = box_.lock();
            box->waiting.push_back(std::move(work));
            waiting = box->waiting.size();
        }
        if (threads_.size() < most_ && waiting > 0) {
            threads_.emplace_back([this] { serve(); });
        }
        arrived_.notify_one();
    }

  private:
    struct Box {
        std::deque<Work> waiting;
        bool closing = false;
    };

    void serve() {
        while (true) {
            Work work;
            {
                auto box = box_.lock();
                arrived_.wait(box.raw(), [&] { return box->closing || !box->waiting.empty(); });
                if (box->closing) {
                    return;
                }
                work = std::move(box->waiting.front());
                box->waiting.pop_front();
            }
            work();
        }
    }

    const std::size_t most_;
    Guarded<Box> box_;
    std::condition_variable arrived_;
    std::vector<std::thread> threads_;
};

}  // namespace kiln::flow
