#pragma once

#include "ports/queue_store.hpp"

#include <cstddef>
#include <list>
#include <unordered_map>

namespace kiln::queue {

/// The messages that were sent or read last, up to a number of bytes. Used by one thread.
class BodyCache {
  public:
    explicit BodyCache(std::size_t most_bytes) : most_bytes_{most_bytes} {}

    void put(ports::MessageKey key, ports::QueueMessagePtr message);
    /// nullptr where it is not here.
    [[nodiscard]] ports::QueueMessagePtr find(ports::MessageKey key) const;
    void remove(ports::MessageKey key);

    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  private:
    struct KeyHash {
        std::size_t operator()(const ports::MessageKey& key) const noexcept {
            return std::hash<std::int64_t>{}(key.queue << 43 ^ key.sequence);
        }
    };

    struct Entry {
        ports::QueueMessagePtr message;
        std::list<ports::MessageKey>::iterator age;
    };

    std::size_t most_bytes_;
    std::size_t bytes_ = 0;
    std::list<ports::MessageKey> by_age_;
    std::unordered_map<ports::MessageKey, Entry, KeyHash> entries_;
};

/// What a message takes in memory, about.
[[nodiscard]] std::size_t footprint(const ports::QueueMessage& message);

}  // namespace kiln::queue
