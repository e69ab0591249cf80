// A server for conformance drivers and SDKs: SQS' API alone.
//
//   sqs_test_server FOLDER    keeps its queues in FOLDER; prints its URL; serves until its stdin
//                             ends. The access key is "test", and so is its secret.

#include "api/aws_router.hpp"
#include "api/sqs/service.hpp"
#include "net/server.hpp"
#include "ports/clock.hpp"
#include "queue/engine.hpp"
#include "queue/uuid.hpp"
#include "sqlite/queue_store.hpp"

#include <cstdio>

namespace kiln {
namespace {

std::string new_request_id() {
    thread_local queue::UuidSource ids;
    return ids.next();
}

void serve(const char* folder) {
    const ports::SystemClock wall;
    const ports::MachineSteadyClock steady;
    sqlite::Store database{folder};
    sqlite::SqliteQueueStore store{database};
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
}

}  // namespace
}  // namespace kiln

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    kiln::serve(argv[1]);
    return 0;
}
