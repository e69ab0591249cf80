/// Serves the routes of the instance API on a cache of instances, for a load generator to ask.
///
///   instances_server [COUNT]
///
/// Prints {"url", "token", "instance"}, and ends when its stdin does.
#include "api/front.hpp"
#include "api/instances/routes.hpp"
#include "instances/tests/fake_world.hpp"
#include "net/server.hpp"

#include <cstdlib>
#include <iostream>

#include <fmt/format.h>

namespace {

using namespace kiln;

constexpr const char* kToken = "bench";
constexpr int kUsually = 5000;

ports::Instance instance(int number) {
    ports::Instance made;
    made.id = InstanceId::trusted(fmt::format("i-{:017x}", number));
    made.type = "ct.small";
    made.image = ImageId::trusted(instances::testing::kImage);
    made.state = ports::InstanceState::running;
    made.private_ip =
        fmt::format("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255);
    made.launched = TimePoint{std::chrono::seconds{1'700'000'000 + number}};
    made.tags = {
        {"Name", fmt::format("worker-org-prod-linux-{:017x}", number)},
        {"role", "worker"},
        {"site", number % 2 == 0 ? "org" : "com"},
        {"env", number % 3 == 0 ? "staging" : "prod"},
        {"queue", fmt::format("queue-{}", number % 10)}};
    return made;
}

}  // namespace

int main(int count, char** words) {
    const int wanted = count > 1 ? std::atoi(words[1]) : kUsually;
    instances::testing::FakeWorld world;
    for (int i = 0; i < wanted; ++i) {
        world.cache().put(instance(i), "up");
    }
    const api::TokenAuth token{kToken};
    const api::Router router{
        token,
        api::instance_routes(
            {.desk = world.desk(),
             .aside =
                 [](const std::function<void()>& work) {
                     work();
                     return true;
                 },
             .is_token = [&](std::string_view text) { return token.is_token(text); }}
        )};
    const api::AwsPart no_aws{[](const net::Request&) { return false; }, {}};
    api::Front front{router, no_aws, api::AccessLog::no};
    net::Server server{net::ServerOptions{}, [&](net::Request request, net::Responder responder) {
                           front.handle(std::move(request), std::move(responder));
                       }};
    std::cout << json::serialize(json::object{
                     {"url", fmt::format("http://127.0.0.1:{}", server.port())},
                     {"token", kToken},
                     {"instance", fmt::format("i-{:017x}", wanted / 2)}})
              << std::endl;
    std::cin.ignore(std::numeric_limits<std::streamsize>::max());
    return 0;
}
