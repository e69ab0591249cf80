#pragma once

#include <chrono>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace kiln::jsonata {

/// Memory and time of one evaluation. Memory is given out piece by piece and given back all at
/// once; only types that need no destructor may live here.
///
/// @throws Failure  from every allocation: Cause::memory, more than the limit is in use;
/// Cause::time_out
class Arena {
  public:
    /// A place in the order of allocations.
    struct Mark {
        std::size_t block = 0;
        std::size_t used = 0;
    };

    using Clock = std::chrono::steady_clock;

    Arena(std::size_t limit_bytes, Clock::time_point deadline)
        : limit_{limit_bytes}, deadline_{deadline} {}

    void* allocate(std::size_t bytes) {
        bytes = (bytes + 7U) & ~std::size_t{7};
        if (bytes > left_) {
            grow(bytes);
        }
        auto* const out = next_;
        next_ += bytes;
        left_ -= bytes;
        return out;
    }

    template <class T, class... Arguments>
    T* make(Arguments&&... arguments) {
        static_assert(std::is_trivially_destructible_v<T>);
        return new (allocate(sizeof(T))) T{std::forward<Arguments>(arguments)...};
    }

    template <class T>
    T* array(std::size_t count) {
        static_assert(std::is_trivially_destructible_v<T>);
        auto* const out = static_cast<T*>(allocate(sizeof(T) * count));
        std::uninitialized_value_construct_n(out, count);
        return out;
    }

    /// A copy of `text` that lives as long as the arena.
    std::string_view copy(std::string_view text) {
        auto* const out = static_cast<char*>(allocate(text.size()));
        if (!text.empty()) {
            std::memcpy(out, text.data(), text.size());
        }
        return {out, text.size()};
    }

    [[nodiscard]] Mark mark() const noexcept {
        return blocks_.empty() ? Mark{} : Mark{blocks_.size(), blocks_.back().size - left_};
    }

    /// Was `pointer` given out after `mark`? False for memory of others.
    [[nodiscard]] bool newer(const void* pointer, Mark mark) const noexcept;

    /// Gives back everything newer than `mark`.
    void roll_back(Mark mark) noexcept;

    /// Is there room for memory that is held elsewhere for this evaluation, such as a text under
    /// construction, and time?
    void check_room(std::size_t bytes) const;

    void check_time() const;

  private:
    struct Block {
        std::unique_ptr<char[]> bytes;
        std::size_t size;
    };

    void grow(std::size_t bytes);

    std::size_t limit_;
    Clock::time_point deadline_;
    std::size_t total_ = 0;
    std::vector<Block> blocks_;
    char* next_ = nullptr;
    std::size_t left_ = 0;
};

}  // namespace kiln::jsonata
