#include "queue/body_cache.hpp"

namespace kiln::queue {

std::size_t footprint(const ports::QueueMessage& message) {
    // The message, its id, its places in the cache's list and table.
    std::size_t bytes = sizeof message + 240 + message.body.size();
    for (const auto& [name, attribute] : message.attributes) {
        bytes += 160 + name.size() + attribute.type.size() + attribute.value.size();
    }
    return bytes;
}

void BodyCache::put(ports::MessageKey key, ports::QueueMessagePtr message) {
    remove(key);
    bytes_ += footprint(*message);
    entries_.emplace(key, Entry{std::move(message), by_age_.insert(by_age_.end(), key)});
    while (bytes_ > most_bytes_ && !by_age_.empty()) {
        remove(ports::MessageKey{by_age_.front()});
    }
}

ports::QueueMessagePtr BodyCache::find(ports::MessageKey key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : found->second.message;
}

void BodyCache::remove(ports::MessageKey key) {
    const auto found = entries_.find(key);
    if (found != entries_.end()) {
        bytes_ -= footprint(*found->second.message);
        by_age_.erase(found->second.age);
        entries_.erase(found);
    }
}

}  // namespace kiln::queue
