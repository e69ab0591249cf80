#include "jsonata/arena.hpp"

#include "jsonata/failure.hpp"

#include <algorithm>
#include <functional>

namespace kiln::jsonata {

namespace {

constexpr std::size_t kFirstBlock = std::size_t{16} << 10;
constexpr std::size_t kLargestBlock = std::size_t{1} << 20;

}  // namespace

void Arena::check_room(std::size_t bytes) const {
    if (bytes > limit_ || total_ > limit_ - bytes) {
        throw Failure{Cause::memory};
    }
    check_time();
}

void Arena::check_time() const {
    if (Clock::now() > deadline_) {
        throw Failure{Cause::time_out};
    }
}

void Arena::grow(std::size_t bytes) {
    const auto usual =
        std::min(kFirstBlock << std::min<std::size_t>(blocks_.size(), 6), kLargestBlock);
    const auto size = std::max(bytes, usual);
    check_room(size);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
    total_ += size;
    next_ = blocks_.back().bytes.get();
    left_ = size;
}

bool Arena::newer(const void* pointer, Mark mark) const noexcept {
    const auto* const at = static_cast<const char*>(pointer);
    const std::less<> before;
    const auto within = [&](const Block& block, std::size_t from) {
        const auto* const start = block.bytes.get();
        return !before(at, start + from) && before(at, start + block.size);
    };
    for (auto number = mark.block; number < blocks_.size(); ++number) {
        if (within(blocks_[number], 0)) {
            return true;
        }
    }
    return mark.block > 0 && within(blocks_[mark.block - 1], mark.used);
}

void Arena::roll_back(Mark mark) noexcept {
    while (blocks_.size() > std::max<std::size_t>(mark.block, 1)) {
        total_ -= blocks_.back().size;
        blocks_.pop_back();
    }
    if (!blocks_.empty()) {
        const auto used = mark.block == 0 ? 0 : mark.used;
        next_ = blocks_.back().bytes.get() + used;
        left_ = blocks_.back().size - used;
    }
}

}  // namespace kiln::jsonata
