#include "queue/tests/model_queue.hpp"

namespace kiln::queue::testing {
namespace {

enum class Kind { standard, fifo };

struct Case {
    Kind kind;
    unsigned seed;
};

/// Random commands, each compared with the model: what is answered holds, through commits that fail
/// and processes that end.
class RandomCommands : public EngineTest, public ::testing::WithParamInterface<Case> {
  protected:
    static constexpr seconds kRetention{90};

    struct Known {
        std::string receipt;
        std::string id;
        std::int64_t receives;
    };

    RandomCommands() {
        settings_.cached_bytes = 2'000;  // some bodies are read again
        restart();
        auto definition = is_fifo() ? fifo(name_) : standard(name_);
        definition.retention = kRetention;
        EXPECT_DONE(create(definition));
    }

    static bool is_fifo() { return GetParam().kind == Kind::fifo; }

    std::int64_t below(std::int64_t bound) {
        return std::uniform_int_distribution<std::int64_t>{0, bound - 1}(random_);
    }

    TimePoint now() { return wall_.now(); }

    /// True when the store failed the command. One that writes has to fail then; one that does not
    /// may be told so too, when it came on top of a write that nobody waits for.
    template <class T>
    bool failed(const Outcome<T>& outcome, bool writes) {
        if (!failing_) {
            EXPECT_DONE(outcome);
            return false;
        }
        if (writes || refused(outcome)) {
            EXPECT_EQ(code_of(outcome), RefusalCode::unavailable);
        }
        return refused(outcome);
    }

    void send_some() {
        std::vector<NewMessage> messages;
        for (auto left = 1 + below(3); left > 0; --left) {
            auto one = message("body " + std::to_string(below(50)));
            if (is_fifo()) {
                one.group = "g" + std::to_string(below(4));
                one.deduplication = std::to_string(below(400));
            } else if (below(4) == 0) {
                one.delay = seconds{below(6)};
            }
            messages.push_back(std::move(one));
        }
        auto answer = begin_send(name_, messages).get();
        const bool writes = std::any_of(messages.begin(), messages.end(), [&](const auto& one) {
            return !is_fifo() || !is_known(*one.deduplication);
        });
        if (failed(answer, writes)) {
            return;
        }
        const auto& outcomes = std::get<SendOutcomes>(answer);
        ASSERT_EQ(outcomes.size(), messages.size());
        for (std::size_t i = 0; i < outcomes.size(); ++i) {
            const auto& sent = std::get<Sent>(outcomes[i]);
            const auto& one = messages[i];
            if (is_fifo() && !is_new(*one.deduplication, sent)) {
                continue;
            }
            model_.send(
                {sent.id, one.group.value_or(""), now(), now() + one.delay.value_or(seconds{0})}
            );
        }
    }

    bool is_known(const std::string& key) {
        const auto known = duplicates_.find(key);
        return known != duplicates_.end() && now() < known->second.second;
    }

    bool is_new(const std::string& key, const Sent& sent) {
        if (is_known(key)) {
            EXPECT_EQ(duplicates_[key].first, sent.id)
                << "a duplicate is answered as the first one";
            return false;
        }
        duplicates_[key] = {sent.id, now() + std::chrono::minutes{5}};
        return true;
    }

    void receive_some() {
        const auto at_most = static_cast<int>(1 + below(10));
        const seconds visibility{below(12)};
        auto answer =
            begin_receive({.queue = name_, .at_most = at_most, .visibility = visibility}).get();
        const auto deliverable = model_.deliverable(now());
        if (failed(answer, !deliverable.empty())) {
            return;
        }
        const auto& got = std::get<Deliveries>(answer);
        ASSERT_EQ(got.size(), std::min(deliverable.size(), static_cast<std::size_t>(at_most)));
        std::map<std::string, std::size_t> places;
        for (const auto& delivery : got) {
            const auto& id = delivery.message->id;
            const auto at = std::find(deliverable.begin(), deliverable.end(), id);
            ASSERT_NE(at, deliverable.end()) << "hidden, removed, or never sent";
            auto& message = *model_.find(id);
            const auto place = static_cast<std::size_t>(at - deliverable.begin()) + 1;
            if (is_fifo()) {
                ASSERT_GT(place, places[message.group]) << "the group's order";
                places[message.group] = place;
            }
            ASSERT_EQ(delivery.receives, ++message.receives);
            ASSERT_EQ(delivery.message->sent, message.sent);
            message.visible_from = now() + visibility;
            known_.push_back({delivery.receipt, id, delivery.receives});
        }
        if (is_fifo()) {
            expect_no_gaps(deliverable, got);
        }
    }

    /// Of each group, the delivered ones are the first ones.
    void expect_no_gaps(const std::vector<std::string>& deliverable, const Deliveries& got) {
        std::map<std::string, bool> ended;
        for (const auto& id : deliverable) {
            const bool delivered = std::any_of(got.begin(), got.end(), [&](const auto& each) {
                return each.message->id == id;
            });
            auto& over = ended[model_.find(id)->group];
            ASSERT_FALSE(delivered && over) << "one of its group was left out";
            over = over || !delivered;
        }
    }

    const Known* any_receipt() {
        return known_.empty()
                   ? nullptr
                   : &known_[static_cast<std::size_t>(below(static_cast<std::int64_t>(known_.size())
                     ))];
    }

    /// Does a receipt still do something?
    bool holds(const Known& known, const ModelQueue::Message* message) {
        return message != nullptr && (!is_fifo() || (message->receives == known.receives &&
                                                     message->visible_from > now()));
    }

    void change_one() {
        const auto* known = any_receipt();
        if (known == nullptr) {
            return;
        }
        const seconds visibility{below(12)};
        Answer<Claims> answer;
        engine_->change_visibility(
            name_, {{known->receipt, visibility}}, DeliveryMatch::any, answer.callback()
        );
        auto outcome = answer.get();
        auto* const message = model_.find(known->id);
        if (failed(outcome, holds(*known, message))) {
            return;
        }
        if (!holds(*known, message)) {
            ASSERT_EQ(code_of(std::get<Claims>(outcome)[0]), RefusalCode::invalid_parameter_value);
        } else {
            ASSERT_DONE(std::get<Claims>(outcome)[0]);
            message->visible_from = now() + visibility;
        }
    }

    void remove_one() {
        const auto* known = any_receipt();
        if (known == nullptr) {
            return;
        }
        Answer<Claims> answer;
        engine_->remove(name_, {known->receipt}, answer.callback());
        auto outcome = answer.get();
        const auto* message = model_.find(known->id);
        if (failed(outcome, holds(*known, message))) {
            return;
        }
        if (message == nullptr) {
            ASSERT_DONE(std::get<Claims>(outcome)[0]);
        } else if (!holds(*known, message)) {
            ASSERT_EQ(code_of(std::get<Claims>(outcome)[0]), RefusalCode::invalid_parameter_value);
        } else {
            ASSERT_DONE(std::get<Claims>(outcome)[0]);
            model_.remove(known->id);
        }
    }

    void pass_time() {
        advance(below(30) == 0 ? Duration{seconds{40}} : Duration{below(3'000'000)});
        if (!failing_) {
            model_.pass(now());
        }
    }

    void set_failing(bool failing) {
        failing_ = failing;
        store_.set_failing(failing);
        if (!failing) {
            await_recovery();
        }
    }

    /// A write that nobody waits for may have failed just now: what came on top of it fails too.
    void await_recovery() {
        for (bool recovered = false; !recovered;) {
            Answer<Depths> answer;
            engine_->depths(name_, answer.callback());
            recovered = !refused(answer.get());
        }
    }

    /// Ends the engine, mostly in the middle of failing: as killed, nothing more reaches the disk.
    void end_process() {
        store_.set_failing(true);
        engine_.reset();
        store_.set_failing(false);
        start();
        set_failing(false);
        model_.pass(now());
    }

    void step() {
        const auto choice = below(100);
        if (choice < 28) {
            send_some();
        } else if (choice < 56) {
            receive_some();
        } else if (choice < 66) {
            change_one();
        } else if (choice < 84) {
            remove_one();
        } else if (choice < 94) {
            // Time stands still while commits fail: what grows too old then is gone a bit later.
            if (!failing_) {
                pass_time();
            }
        } else if (choice < 96) {
            set_failing(!failing_);
        } else if (choice < 98) {
            end_process();
        } else if (!failing_ && below(10) == 0 && !refused(purge(name_))) {
            model_.clear();
            duplicates_.clear();
        }
    }

    const std::string name_ = is_fifo() ? "q.fifo" : "q";
    std::mt19937 random_{GetParam().seed};
    ModelQueue model_{is_fifo(), kRetention};
    std::vector<Known> known_;
    std::map<std::string, std::pair<std::string, TimePoint>> duplicates_;
    bool failing_ = false;
};

TEST_P(RandomCommands, AreAnsweredAsTheModelAnswersThem) {
    constexpr int kSteps = 4'000;
    for (int i = 0; i < kSteps; ++i) {
        ASSERT_NO_FATAL_FAILURE(step()) << "step " << i;
        if (!failing_) {
            ASSERT_EQ(counts(name_), model_.counts(now())) << "step " << i;
        }
    }
    set_failing(false);
    restart();
    advance(seconds{2});
    model_.pass(now());
    ASSERT_EQ(counts(name_), model_.counts(now()));
    counts(name_);  // what was purged is swept in the meantime
    EXPECT_EQ(disk_messages().size(), model_.messages().size());
}

INSTANTIATE_TEST_SUITE_P(
    Seeds,
    RandomCommands,
    ::testing::Values(
        Case{Kind::standard, 1},
        Case{Kind::standard, 2},
        Case{Kind::standard, 3},
        Case{Kind::fifo, 1},
        Case{Kind::fifo, 2},
        Case{Kind::fifo, 3}
    ),
    [](const auto& tested) {
        return (tested.param.kind == Kind::fifo ? "Fifo" : "Standard") +
               std::to_string(tested.param.seed);
    }
);

}  // namespace
}  // namespace kiln::queue::testing
