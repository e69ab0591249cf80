#pragma once
#include "ports/queue_store.hpp"

#include <map>
#include <mutex>

namespace kiln::api::testing {
using namespace ports;

class ScratchStore final : public QueueStore {
  public:
    std::vector<QueueRow> queues() override { return {}; }

    std::vector<DeduplicationRow> deduplications() override { return {}; }

    std::vector<MoveTaskRow> move_tasks() override { return {}; }

    void visit_messages(const Visit&) override {}

    std::vector<Read> read_ahead(MessageKey from, std::size_t at_most, std::size_t) override {
        std::lock_guard lock{mutex_};
        std::vector<Read> out;
        for (auto it = m_.lower_bound(from);
             it != m_.end() && it->first.queue == from.queue && out.size() < at_most;
             ++it)
            out.push_back({it->first, it->second});
        return out;
    }

    void apply(QueueChanges changes, Applied done) override {
        {
            std::lock_guard lock{mutex_};
            for (auto& c : changes) {
                if (auto* a = std::get_if<queue_change::AddMessage>(&c))
                    m_[a->key] = a->message;
                if (auto* r = std::get_if<queue_change::RemoveMessage>(&c))
                    m_.erase(r->key);
                if (auto* v = std::get_if<queue_change::MoveMessage>(&c)) {
                    auto it = m_.find(v->from);
                    if (it != m_.end()) {
                        auto copy = *it->second;
                        if (v->id)
                            copy.id = *v->id;
                        if (v->sent)
                            copy.sent = *v->sent;
                        m_.erase(it);
                        m_[v->to] = std::make_shared<const QueueMessage>(copy);
                    }
                }
                if (auto* s = std::get_if<queue_change::SweepMessages>(&c))
                    m_.erase(
                        m_.lower_bound({s->queue, s->first}), m_.upper_bound({s->queue, s->last})
                    );
            }
        }
        done(nullptr);
    }

  private:
    std::mutex mutex_;
    std::map<MessageKey, QueueMessagePtr> m_;
};
}  // namespace kiln::api::testing
