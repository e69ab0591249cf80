// A server for conformance drivers and SDKs: SQS' API alone, on queues that end with it.
//
//   sqs_test_server    prints its URL, serves until its stdin ends; key test, secret test

#include "api/aws_router.hpp"
#include "api/sqs/service.hpp"
#include "api/tests/scratch_store.hpp"
#include "base/random.hpp"
#include "net/server.hpp"
#include "ports/clock.hpp"
#include "queue/engine.hpp"
#include "queue/uuid.hpp"

#include <cstdio>

namespace {

std::string new_request_id() {
    thread_local kiln::queue::UuidSource ids;
    return ids.next();
}

}  // namespace

int main() {
    using namespace kiln;
    const ports::SystemClock wall;
    const ports::MachineSteadyClock steady;
    api::testing::ScratchStore store;
    queue::Engine engine{store, wall, steady};
    const api::AwsAuthenticator authenticator{{{"test", "test", ""}}, "us-east-1", wall};
    std::vector<std::unique_ptr<api::AwsService>> services;
    services.push_back(std::make_unique<api::sqs::Service>(engine, queue::Place{}));
    const api::AwsRouter router{std::move(services), authenticator};
    net::ServerOptions options;
    options.max_body = Bytes{8U << 20};
    net::Server server{
        options, [&](net::Request request, net::Responder responder) {
            router.handle(std::move(request), std::move(responder), new_request_id());
        }};
    std::printf("%s\n", server.url().c_str());
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
    server.shutdown(Deadline::after(std::chrono::seconds{5}));
    return 0;
}
