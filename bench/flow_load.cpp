// Load for a server that speaks Step Functions' protocol: one thread, many connections, signed
// requests.
//
//   flow_load create   URL NAME DEFINITION            prints the machine's ARN
//   flow_load activity URL NAME                       makes an activity, prints its ARN
//   flow_load start    URL MACHINE CONNECTIONS COUNT  executions, until the last has succeeded
//   flow_load single   URL MACHINE COUNT              one by one, each followed to its end
//   flow_load begin    URL MACHINE CONNECTIONS COUNT  executions, until the last is begun
//   flow_load work     URL ACTIVITY CONNECTIONS COUNT takes tasks and reports them done
//
// The keys are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Prints one JSON object.
#include "load_connection.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace {

using kiln::bench::Connection;
using kiln::bench::EventLoop;
using kiln::bench::strings_of;
using kiln::bench::Target;
using Clock = std::chrono::steady_clock;

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out;
}

/// One request after the other on one connection.
class Caller {
  public:
    explicit Caller(const Target& target) : connection_{target} {
        loop_.add(connection_, &connection_);
    }

    std::string ask(std::string_view operation, const std::string& body) {
        connection_.ask(operation, body);
        for (;;) {
            if (auto answer = connection_.take_answer()) {
                return *answer;
            }
            loop_.wait([](void*) {});
        }
    }

  private:
    Connection connection_;
    EventLoop loop_;
};

/// Many connections, each of which asks again as soon as it is answered.
/// `next` gives what a connection asks next, told what it was answered ("" at first); an operation
/// "" ends that connection's work.
struct Question {
    std::string_view operation;
    std::string body;
};

void turn(
    const Target& target,
    std::size_t connections,
    const std::function<Question(const std::string& answer)>& next
) {
    EventLoop loop;
    std::vector<std::unique_ptr<Connection>> lanes;
    std::size_t busy = 0;
    const auto ask = [&](Connection& lane, const std::string& answer) {
        const auto question = next(answer);
        if (question.operation.empty()) {
            --busy;
        } else {
            lane.ask(question.operation, question.body);
        }
    };
    for (std::size_t i = 0; i < connections; ++i) {
        lanes.push_back(std::make_unique<Connection>(target));
        loop.add(*lanes.back(), lanes.back().get());
        ++busy;
        ask(*lanes.back(), "");
    }
    while (busy > 0) {
        loop.wait([&](void* data) {
            auto& lane = *static_cast<Connection*>(data);
            while (auto answer = lane.take_answer()) {
                ask(lane, *answer);
            }
        });
    }
}

void report(std::size_t count, Clock::time_point begun, double p50_ms = 0) {
    const auto seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    std::cout << fmt::format(
                     R"({{"count":{},"seconds":{:.3f},"per_second":{:.0f},"p50_ms":{:.3f}}})",
                     count,
                     seconds,
                     static_cast<double>(count) / seconds,
                     p50_ms
                 )
              << "\n";
}

void begin(const Target& target, const std::string& machine, std::size_t lanes, std::size_t count) {
    std::size_t asked = 0;
    turn(target, lanes, [&](const std::string&) {
        return asked++ < count
                   ? Question{"StartExecution", fmt::format(R"({{"stateMachineArn":"{}"}})", machine)}
                   : Question{};
    });
}

void wait_for_all(const Target& target, const std::string& machine) {
    Caller caller{target};
    const auto running = fmt::format(
        R"({{"stateMachineArn":"{}","statusFilter":"RUNNING","maxResults":1}})", machine
    );
    while (!strings_of(caller.ask("ListExecutions", running), "executionArn").empty()) {
    }
}

void single(const Target& target, const std::string& machine, std::size_t count) {
    Caller caller{target};
    std::vector<double> times;
    const auto begun = Clock::now();
    for (std::size_t i = 0; i < count; ++i) {
        const auto from = Clock::now();
        const auto arn =
            strings_of(
                caller.ask("StartExecution", fmt::format(R"({{"stateMachineArn":"{}"}})", machine)),
                "executionArn"
            )
                .at(0);
        std::string status = "RUNNING";
        while (status == "RUNNING") {
            status =
                strings_of(
                    caller.ask("DescribeExecution", fmt::format(R"({{"executionArn":"{}"}})", arn)),
                    "status"
                )
                    .at(0);
        }
        if (status != "SUCCEEDED") {
            throw std::runtime_error("an execution ended as " + status);
        }
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - from).count());
    }
    std::sort(times.begin(), times.end());
    report(count, begun, times[times.size() / 2]);
}

void work(const Target& target, const std::string& activity, std::size_t lanes, std::size_t count) {
    std::size_t asked = 0;
    turn(target, lanes, [&](const std::string& answer) {
        if (const auto token = strings_of(answer, "taskToken"); !token.empty()) {
            return Question{
                "SendTaskSuccess",
                fmt::format(R"({{"taskToken":"{}","output":"{{}}"}})", token[0])};
        }
        return asked++ < count
                   ? Question{"GetActivityTask", fmt::format(R"({{"activityArn":"{}"}})", activity)}
                   : Question{};
    });
}

std::string create(const Target& target, const std::vector<std::string>& words) {
    Caller caller{target};
    if (words[0] == "activity") {
        return strings_of(
                   caller.ask("CreateActivity", fmt::format(R"({{"name":"{}"}})", words[2])),
                   "activityArn"
        )
            .at(0);
    }
    return strings_of(
               caller.ask(
                   "CreateStateMachine",
                   fmt::format(
                       R"({{"name":"{}","definition":"{}","roleArn":"arn:aws:iam::000000000000:role/bench"}})",
                       words[2],
                       escaped(words[3])
                   )
               ),
               "stateMachineArn"
    )
        .at(0);
}

bool run(const std::vector<std::string>& words) {
    const auto is = [&](std::string_view verb, std::size_t size) {
        return !words.empty() && words[0] == verb && words.size() == size;
    };
    if (!is("create", 4) && !is("activity", 3) && !is("start", 5) && !is("single", 4) &&
        !is("begin", 5) && !is("work", 5)) {
        return false;
    }
    const auto target = kiln::bench::target(words[1], "states", "AWSStepFunctions.");
    if (words[0] == "create" || words[0] == "activity") {
        std::cout << create(target, words) << "\n";
        return true;
    }
    if (words[0] == "single") {
        single(target, words[2], std::stoul(words[3]));
        return true;
    }
    const auto lanes = std::stoul(words[3]);
    const auto count = std::stoul(words[4]);
    const auto begun = Clock::now();
    if (words[0] == "work") {
        work(target, words[2], lanes, count);
    } else {
        begin(target, words[2], lanes, count);
    }
    if (words[0] == "start") {
        wait_for_all(target, words[2]);
    }
    report(count, begun);
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (!run({argv + 1, argv + argc})) {
            std::cerr << "usage: flow_load create URL NAME DEFINITION | activity URL NAME\n"
                         "       flow_load start|begin URL MACHINE CONNECTIONS COUNT\n"
                         "       flow_load single URL MACHINE COUNT\n"
                         "       flow_load work URL ACTIVITY CONNECTIONS COUNT\n";
            return 2;
        }
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "flow_load: " << error.what() << "\n";
        return 1;
    }
}
