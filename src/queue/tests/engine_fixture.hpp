#pragma once

#include "ports/testing/fake_clock.hpp"
#include "ports/testing/memory_queue_store.hpp"
#include "queue/engine.hpp"
#include "queue/tests/faulty_store.hpp"

#include <future>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::queue::testing {

using std::chrono::seconds;

/// A call whose answer may be looked at later.
template <class T>
class Answer {
  public:
    Callback<T> callback() {
        return [promise = promise_](Outcome<T> outcome) { promise->set_value(std::move(outcome)); };
    }

    [[nodiscard]] bool ready() const {
        return future_.wait_for(seconds{0}) == std::future_status::ready;
    }

    Outcome<T> get() { return future_.get(); }

  private:
    std::shared_ptr<std::promise<Outcome<T>>> promise_ =
        std::make_shared<std::promise<Outcome<T>>>();
    std::future<Outcome<T>> future_ = promise_->get_future();
};

/// An engine on a store in memory, with clocks that are cranked.
class EngineTest : public ::testing::Test {
  protected:
    using Deliveries = std::vector<Delivery>;
    using Claims = std::vector<Outcome<Done>>;

    EngineTest() { start(); }

    void start() { engine_.emplace(store_, wall_, steady_, settings_); }

    /// As a process that ends well and starts again.
    void restart() {
        engine_.reset();
        start();
    }

    void advance(Duration by) {
        wall_.advance(by);
        steady_.advance(by);
        engine_->wake();
    }

    static QueueDefinition standard(const std::string& name) {
        QueueDefinition definition;
        definition.name = name;
        return definition;
    }

    static QueueDefinition fifo(const std::string& name) {
        auto definition = standard(name);
        definition.fifo = FifoSettings{.content_deduplication = true};
        return definition;
    }

    static QueueDefinition with_dead_letters(
        QueueDefinition definition, const std::string& target, std::int64_t receives
    ) {
        definition.redrive = RedrivePolicy{target, receives};
        return definition;
    }

    Outcome<DefinitionPtr> create(
        const QueueDefinition& definition, const std::vector<Attribute>& given = {}
    ) {
        Answer<DefinitionPtr> answer;
        engine_->create(definition, given, answer.callback());
        return answer.get();
    }

    Outcome<Done> destroy(const std::string& queue) {
        Answer<Done> answer;
        engine_->destroy(queue, answer.callback());
        return answer.get();
    }

    Outcome<Done> purge(const std::string& queue) {
        Answer<Done> answer;
        engine_->purge(queue, answer.callback());
        return answer.get();
    }

    Answer<SendOutcomes> begin_send(const std::string& queue, std::vector<NewMessage> messages) {
        Answer<SendOutcomes> answer;
        engine_->send(queue, std::move(messages), answer.callback());
        return answer;
    }

    static NewMessage message(const std::string& body, const std::string& group = "") {
        NewMessage message;
        message.body = body;
        if (!group.empty()) {
            message.group = group;
        }
        return message;
    }

    /// Sends one that must be taken.
    Sent send(const std::string& queue, NewMessage message) {
        auto outcomes = std::get<SendOutcomes>(begin_send(queue, {std::move(message)}).get());
        return std::get<Sent>(outcomes.at(0));
    }

    Sent send(const std::string& queue, const std::string& body, const std::string& group = "") {
        return send(queue, message(body, group));
    }

    Refusal refused_send(const std::string& queue, NewMessage message) {
        auto outcomes = std::get<SendOutcomes>(begin_send(queue, {std::move(message)}).get());
        return std::get<Refusal>(outcomes.at(0));
    }

    Answer<Deliveries> begin_receive(Receive receive) {
        Answer<Deliveries> answer;
        ticket_ = engine_->receive(std::move(receive), answer.callback());
        return answer;
    }

    Deliveries receive(
        const std::string& queue, int at_most = 1, std::optional<seconds> visibility = {}
    ) {
        Receive receive{.queue = queue, .at_most = at_most};
        receive.visibility = visibility;
        return std::get<Deliveries>(begin_receive(receive).get());
    }

    std::vector<std::string> bodies(
        const std::string& queue, int at_most = 10, std::optional<seconds> visibility = {}
    ) {
        return bodies_of(receive(queue, at_most, visibility));
    }

    static std::vector<std::string> bodies_of(const Deliveries& deliveries) {
        std::vector<std::string> bodies;
        for (const auto& delivery : deliveries) {
            bodies.push_back(delivery.message->body);
        }
        return bodies;
    }

    Outcome<Done> change(
        const std::string& queue,
        const std::string& receipt,
        seconds visibility,
        DeliveryMatch match = DeliveryMatch::any
    ) {
        Answer<Claims> answer;
        engine_->change_visibility(queue, {{receipt, visibility}}, match, answer.callback());
        return std::get<Claims>(answer.get()).at(0);
    }

    Outcome<Done> remove(const std::string& queue, const std::string& receipt) {
        Answer<Claims> answer;
        engine_->remove(queue, {receipt}, answer.callback());
        return std::get<Claims>(answer.get()).at(0);
    }

    Depths depths(const std::string& queue) {
        Answer<Depths> answer;
        engine_->depths(queue, answer.callback());
        return std::get<Depths>(answer.get());
    }

    /// visible, in flight, delayed
    std::vector<std::int64_t> counts(const std::string& queue) {
        const auto found = depths(queue);
        return {found.visible, found.in_flight, found.delayed};
    }

    std::vector<ports::MessageKey> disk_messages() {
        std::vector<ports::MessageKey> keys;
        disk_.visit_messages([&](const auto& key, const auto&, const auto&) { keys.push_back(key); }
        );
        return keys;
    }

    template <class T>
    static RefusalCode code_of(const Outcome<T>& outcome) {
        EXPECT_TRUE(refused(outcome));
        return refused(outcome) ? std::get<Refusal>(outcome).code : RefusalCode::corrupt;
    }

    EngineSettings settings_;
    ports::testing::FakeClock wall_;
    ports::testing::FakeSteadyClock steady_;
    ports::testing::MemoryQueueStore disk_;
    FaultyStore store_{disk_};
    std::optional<Engine> engine_;
    ReceiveTicket ticket_;
};

#define EXPECT_DONE(outcome) EXPECT_FALSE(::kiln::queue::refused(outcome))
#define ASSERT_DONE(outcome) ASSERT_FALSE(::kiln::queue::refused(outcome))

}  // namespace kiln::queue::testing
