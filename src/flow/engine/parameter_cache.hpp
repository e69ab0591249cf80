#pragma once

#include "flow/engine/task_tokens.hpp"
#include "flow/payload.hpp"

#include <list>
#include <map>

namespace kiln::flow {

/// What tasks that wait for workers are to be given; bounded, the oldest go first: what is not here
/// stands in the history.
class ParameterCache {
  public:
    void put(const TaskName& name, Payload parameters, std::size_t bytes) {
        const auto [at, added] = entries_.try_emplace({name.execution, name.task});
        if (!added) {
            return;
        }
        order_.push_back(at->first);
        at->second = {std::move(parameters), bytes, std::prev(order_.end())};
        bytes_ += bytes;
        while (bytes_ > kMostBytes) {
            erase(entries_.find(order_.front()));
        }
    }

    /// Taken out. null: not here.
    [[nodiscard]] Payload take(const TaskName& name) {
        const auto found = entries_.find({name.execution, name.task});
        if (found == entries_.end()) {
            return nullptr;
        }
        auto parameters = found->second.parameters;
        erase(found);
        return parameters;
    }

  private:
    static constexpr std::size_t kMostBytes = 64U << 20;
    using Key = std::pair<std::int64_t, std::int64_t>;

    struct Entry {
        Payload parameters;
        std::size_t bytes = 0;
        std::list<Key>::iterator at;
    };

    void erase(std::map<Key, Entry>::iterator at) {
        bytes_ -= at->second.bytes;
        order_.erase(at->second.at);
        entries_.erase(at);
    }

    std::map<Key, Entry> entries_;
    std::list<Key> order_;
    std::size_t bytes_ = 0;
};

}  // namespace kiln::flow
