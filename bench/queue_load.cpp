// Load for a queue server that speaks SQS' JSON protocol: one thread, many connections, signed
// requests.
//
//   queue_load cycle URL QUEUE CONNECTIONS BATCH MESSAGES SIZE   each sends, receives, deletes
//   queue_load fill  URL QUEUE CONNECTIONS BATCH MESSAGES SIZE   only sends
//   queue_load take  URL QUEUE CONNECTIONS BATCH MESSAGES SIZE   only receives and deletes
//   queue_load create URL NAME                                   prints the queue's URL
//   queue_load park  URL QUEUE POLLS MESSAGES                    messages to parked long polls
//
// The keys are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Prints one JSON object: messages a
// second, and what a request took (milliseconds: p50, p99, most).
#include "load_connection.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <sys/epoll.h>

namespace {

using kiln::bench::Connection;
using kiln::bench::Target;
using Clock = std::chrono::steady_clock;

double milliseconds(Clock::duration span) {
    return std::chrono::duration<double, std::milli>(span).count();
}

struct Times {
    std::vector<double> all;

    [[nodiscard]] double at(double part) {
        if (all.empty()) {
            return 0;
        }
        std::sort(all.begin(), all.end());
        return all[std::min(
            all.size() - 1, static_cast<std::size_t>(part * static_cast<double>(all.size()))
        )];
    }

    [[nodiscard]] std::string json() {
        return fmt::format(
            R"({{"count":{},"p50_ms":{:.3f},"p99_ms":{:.3f},"max_ms":{:.3f}}})",
            all.size(),
            at(0.5),
            at(0.99),
            at(1)
        );
    }
};

/// What one connection does next: it sends, receives, deletes what it received, from the beginning
/// again.
enum class Turn { send, receive, remove };

struct Plan {
    bool sends = true;
    bool takes = true;
    std::size_t batch = 10;
    std::size_t messages = 0;
    std::string text;
};

class Load {
  public:
    Load(Target target, std::string queue, Plan plan)
        : target_{std::move(target)}, queue_{std::move(queue)}, plan_{std::move(plan)} {}

    void run(std::size_t connections) {
        for (std::size_t i = 0; i < connections; ++i) {
            lanes_.push_back(std::make_unique<Lane>(Lane{
                Connection{target_}, plan_.sends ? Turn::send : Turn::receive}));
        }
        const auto begun = Clock::now();
        for (auto& lane : lanes_) {
            next(*lane);
        }
        kiln::bench::EventLoop loop;
        for (auto& lane : lanes_) {
            loop.add(lane->connection, lane.get());
        }
        while (done_ < plan_.messages && idle_ < lanes_.size()) {
            loop.wait([&](void* data) {
                auto& lane = *static_cast<Lane*>(data);
                while (auto answer = lane.connection.take_answer()) {
                    finish(lane, *answer);
                }
            });
        }
        const auto seconds = std::chrono::duration<double>(Clock::now() - begun).count();
        // A receive that nobody hears the answer of would take the next load's messages.
        while (asked_ > 0) {
            loop.wait([&](void* data) {
                while (static_cast<Lane*>(data)->connection.take_answer()) {
                    --asked_;
                }
            });
        }
        std::cout
            << fmt::format(
                   R"({{"messages":{},"seconds":{:.3f},"per_second":{:.0f},"send":{},"receive":{},"delete":{}}})",
                   done_,
                   seconds,
                   static_cast<double>(done_) / seconds,
                   times_[0].json(),
                   times_[1].json(),
                   times_[2].json()
               )
            << "\n";
    }

  private:
    struct Lane {
        Connection connection;
        Turn turn;
        std::size_t sending = 0;
        std::vector<std::string> receipts = {};
        Clock::time_point asked = {};
    };

    void ask(Lane& lane, std::string_view operation, const std::string& body) {
        lane.asked = Clock::now();
        ++asked_;
        lane.connection.ask(operation, body);
    }

    void next(Lane& lane) {
        switch (lane.turn) {
            case Turn::send: {
                lane.sending =
                    std::min(plan_.batch, plan_.messages - std::min(sent_, plan_.messages));
                if (lane.sending == 0 && plan_.takes) {
                    lane.turn = Turn::receive;
                    next(lane);
                    return;
                }
                if (lane.sending == 0) {
                    ++idle_;
                    return;
                }
                sent_ += lane.sending;
                std::string entries;
                for (std::size_t i = 0; i < lane.sending; ++i) {
                    entries += fmt::format(
                        R"({}{{"Id":"{}","MessageBody":"{}"}})", i == 0 ? "" : ",", i, plan_.text
                    );
                }
                ask(lane,
                    "SendMessageBatch",
                    fmt::format(R"({{"QueueUrl":"{}","Entries":[{}]}})", queue_, entries));
                return;
            }
            case Turn::receive:
                ask(lane,
                    "ReceiveMessage",
                    fmt::format(
                        R"({{"QueueUrl":"{}","MaxNumberOfMessages":{},"VisibilityTimeout":600,"WaitTimeSeconds":1}})",
                        queue_,
                        plan_.batch
                    ));
                return;
            case Turn::remove: {
                std::string entries;
                for (std::size_t i = 0; i < lane.receipts.size(); ++i) {
                    entries += fmt::format(
                        R"({}{{"Id":"{}","ReceiptHandle":"{}"}})",
                        i == 0 ? "" : ",",
                        i,
                        lane.receipts[i]
                    );
                }
                ask(lane,
                    "DeleteMessageBatch",
                    fmt::format(R"({{"QueueUrl":"{}","Entries":[{}]}})", queue_, entries));
                return;
            }
        }
    }

    void finish(Lane& lane, const std::string& answer) {
        --asked_;
        times_[static_cast<int>(lane.turn)].all.push_back(milliseconds(Clock::now() - lane.asked));
        switch (lane.turn) {
            case Turn::send:
                if (!plan_.takes) {
                    done_ += lane.sending;
                } else {
                    lane.turn = Turn::receive;
                }
                break;
            case Turn::receive:
                lane.receipts = kiln::bench::strings_of(answer, "ReceiptHandle");
                lane.turn = lane.receipts.empty() ? (plan_.sends ? Turn::send : Turn::receive)
                                                  : Turn::remove;
                break;
            case Turn::remove:
                done_ += lane.receipts.size();
                lane.turn = plan_.sends ? Turn::send : Turn::receive;
                break;
        }
        if (done_ < plan_.messages) {
            next(lane);
        }
    }

    Target target_;
    std::string queue_;  ///< its URL
    Plan plan_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    std::size_t sent_ = 0;
    std::size_t done_ = 0;
    std::size_t idle_ = 0;
    std::size_t asked_ = 0;  ///< answers that are due
    Times times_[3];
};

/// Many connections wait in long polls; one sends. What counts is the time from the send to the
/// message's arrival.
void park(const Target& target, const std::string& queue, std::size_t polls, std::size_t messages) {
    const auto poll =
        fmt::format(R"({{"QueueUrl":"{}","MaxNumberOfMessages":1,"WaitTimeSeconds":20}})", queue);
    kiln::bench::EventLoop loop;
    std::vector<std::unique_ptr<Connection>> waiting;
    for (std::size_t i = 0; i < polls; ++i) {
        waiting.push_back(std::make_unique<Connection>(target));
        waiting.back()->ask("ReceiveMessage", poll);
        loop.add(*waiting.back(), waiting.back().get());
    }
    Connection sender{target};
    loop.add(sender, &sender);
    Times times;
    std::size_t again = 0;
    std::cerr << "parked" << std::endl;  // the caller looks at the server's memory now
    std::string line;
    std::getline(std::cin, line);
    for (std::size_t i = 0; i < messages; ++i) {
        const auto begun = Clock::now();
        sender.ask(
            "SendMessage", fmt::format(R"({{"QueueUrl":"{}","MessageBody":"{}"}})", queue, i)
        );
        bool sent = false;
        bool received = false;
        while (!sent || !received) {
            loop.wait([&](void* data) {
                auto& connection = *static_cast<Connection*>(data);
                while (auto answer = connection.take_answer()) {
                    if (&connection == &sender) {
                        sent = true;
                        continue;
                    }
                    const auto receipts = kiln::bench::strings_of(*answer, "ReceiptHandle");
                    if (!receipts.empty()) {
                        times.all.push_back(milliseconds(Clock::now() - begun));
                        received = true;
                    } else {
                        ++again;
                    }
                    connection.ask("ReceiveMessage", poll);
                }
            });
        }
    }
    std::cout << fmt::format(
                     R"({{"polls":{},"again":{},"latency":{}}})", polls, again, times.json()
                 )
              << "\n";
}

std::string create(const Target& target, const std::string& name) {
    Connection connection{target};
    kiln::bench::EventLoop loop;
    loop.add(connection, &connection);
    connection.ask("CreateQueue", fmt::format(R"({{"QueueName":"{}"}})", name));
    std::optional<std::string> answer;
    while (!(answer = connection.take_answer())) {
        loop.wait([](void*) {});
    }
    return kiln::bench::strings_of(*answer, "QueueUrl").at(0);
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words{argv + 1, argv + argc};
    const bool creates = words.size() == 3 && words[0] == "create";
    if (words.size() < 5 && !creates) {
        std::cerr << "usage: queue_load cycle|fill|take URL QUEUE CONNECTIONS BATCH MESSAGES SIZE\n"
                     "       queue_load create URL NAME\n"
                     "       queue_load park URL QUEUE POLLS MESSAGES\n";
        return 2;
    }
    try {
        const auto target = kiln::bench::target(words[1], "sqs", "AmazonSQS.");
        if (creates) {
            std::cout << create(target, words[2]) << "\n";
            return 0;
        }
        if (words[0] == "park") {
            park(target, words[2], std::stoul(words[3]), std::stoul(words[4]));
            return 0;
        }
        Plan plan;
        plan.sends = words[0] != "take";
        plan.takes = words[0] != "fill";
        plan.batch = std::stoul(words.at(4));
        plan.messages = std::stoul(words.at(5));
        plan.text = std::string(std::stoul(words.at(6)), 'x');
        Load{target, words[2], plan}.run(std::stoul(words[3]));
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "queue_load: " << error.what() << "\n";
        return 1;
    }
}
