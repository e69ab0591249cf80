#pragma once

#include "ports/testing/fake_clock.hpp"
#include "ports/testing/kind_of.hpp"
#include "ports/testing/memory_bakes.hpp"
#include "ports/testing/memory_ledger.hpp"
#include "ports/testing/memory_queues.hpp"
#include "worker/bakery.hpp"

#include <atomic>
#include <functional>

namespace kiln::worker {

/// Bakes by what a test says.
class FakeWork final : public BakeWork {
  public:
    explicit FakeWork(ports::BakeStore& bakes, const ports::Clock& clock)
        : bakes_{bakes}, clock_{clock} {}

    ports::BakeRecord run(
        const bake::Request& request,
        const bake::Submission& submission,
        const std::stop_token& stop
    ) override {
        ++runs;
        return on_run ? on_run(request, submission, stop)
                      : finish(submission, ports::BakeState::succeeded);
    }

    ports::BakeRecord settle(const BakeId& id, const std::stop_token& stop) override {
        ++settles;
        if (on_settle) {
            on_settle(id, stop);
        }
        return bakes_.get(id);
    }

    void begin(const bake::Submission& submission) {
        auto record = bakes_.get(submission.id);
        record.state = ports::BakeState::running;
        record.key = submission.id.str();
        record.attempt = submission.attempt;
        (void)bakes_.begin(record, false);
        append(submission, {event(1, "ACCEPTED"), event(2, "LOG")}, std::nullopt);
    }

    /// Three events and the end; with `queued` the attempt is given up instead.
    ports::BakeRecord finish(const bake::Submission& submission, ports::BakeState state) {
        begin(submission);
        auto last = event(3, state == ports::BakeState::queued ? "LOG" : "END");
        last.final = state != ports::BakeState::queued;
        append(
            submission,
            {last},
            ports::BakeStore::Ending{
                state, std::nullopt, json::object{{"error", {{"reason", "no room"}}}}, clock_.now()}
        );
        return bakes_.get(submission.id);
    }

    std::function<
        ports::BakeRecord(const bake::Request&, const bake::Submission&, const std::stop_token&)>
        on_run;
    std::function<void(const BakeId&, const std::stop_token&)> on_settle;
    std::atomic<int> runs{0};
    std::atomic<int> settles{0};

  private:
    static ports::BakeEvent event(std::int64_t sequence, std::string category) {
        ports::BakeEvent event;
        event.sequence = sequence;
        event.category = std::move(category);
        return event;
    }

    void append(
        const bake::Submission& submission,
        const std::vector<ports::BakeEvent>& events,
        const std::optional<ports::BakeStore::Ending>& ended
    ) {
        bakes_.append(submission.id, submission.attempt, events, ended);
        submission.stored();
    }

    ports::BakeStore& bakes_;
    const ports::Clock& clock_;
};

/// A bakery in memory: queues `bakes`, `bakes-dead` and `replies`.
class BakeryWorld {
  public:
    BakeryWorld() {
        make_request_queues(queues, "bakes", 3);
        queues.create({.name = "replies"});
    }

    static std::string body(const std::string& more = "") {
        return R"({"name": "web", "parent": {"name": "base"},
            "bootstrap": {"commands": ["true"]}, "reply_to": "replies", "deadline_seconds": 600)" +
               more + "}";
    }

    /// As `aws sqs send-message` does.
    std::string send(const std::string& text) {
        ports::OutgoingMessage message;
        message.body = text;
        return queues.send("bakes", {message}).at(0).id;
    }

    BakeId submitted() {
        return submit({reach, bakes, clock, {}}, ports::parse_queue_reference("bakes"), body()).id;
    }

    std::optional<ports::ReceivedMessage> receive(const std::string& queue = "bakes") {
        auto messages =
            queues.receive(queue, {.visibility = std::chrono::seconds{60}}, std::stop_token{});
        return messages.empty() ? std::nullopt : std::optional{messages.front()};
    }

    /// "ACCEPTED 1/1" of each reply, in order.
    std::vector<std::string> told() {
        std::vector<std::string> all;
        for (const auto& reply : queues.sent("replies")) {
            const auto& attributes = reply.attributes;
            all.push_back(
                attributes.at("category").value + " " + attributes.at("attempt").value + "/" +
                attributes.at("sequence").value
            );
        }
        return all;
    }

    Bakery bakery() {
        return {
            .queues = reach,
            .requests = ports::parse_queue_reference("bakes"),
            .work = work,
            .bakes = bakes,
            .ledger = ledger,
            .clock = clock,
            .pause = [this](Duration span, const std::stop_token& stop) {
                paused += span.count();
                return !stop.stop_requested();
            }};
    }

    ports::testing::FakeClock clock;
    ports::testing::MemoryBakeStore bakes;
    ports::testing::MemoryQueues queues{clock};
    ports::testing::MemoryLedger ledger{HolderId::random(), clock};
    FakeWork work{bakes, clock};
    std::atomic<std::int64_t> paused{0};  ///< microseconds, in all
    Queues reach = [this](const ports::QueueReference& queue) -> ports::MessageQueue& {
        if (queue.driver != ports::QueueDriver::embedded) {
            throw Error{ErrorKind::invalid, "no driver for " + queue.shown()};
        }
        return queues;
    };
};

}  // namespace kiln::worker
