#pragma once

#include <mutex>
#include <utility>

namespace kiln {

/// A value and its mutex in one; the value is reached through a lock only.
template <class T>
class Guarded {
  public:
    template <class... Args>
    explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

    class Lock {
      public:
        explicit Lock(Guarded& guarded) : lock_{guarded.mutex_}, value_{guarded.value_} {}

        T* operator->() { return &value_; }

        T& operator*() { return value_; }

        /// For a condition variable, which wants the lock itself.
        std::unique_lock<std::mutex>& raw() { return lock_; }

      private:
        std::unique_lock<std::mutex> lock_;
        T& value_;
    };

    [[nodiscard]] Lock lock() { return Lock{*this}; }

  private:
    std::mutex mutex_;
    T value_;
};

}  // namespace kiln
