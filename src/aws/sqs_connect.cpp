#include "aws/sqs_connect.hpp"

#include "aws/credentials.hpp"
#include "aws/location.hpp"
#include "aws/queue_url.hpp"

namespace kiln::aws {

Transport http_transport(net::ClientOptions options) {
    auto client = std::make_shared<net::HttpClient>(std::move(options));
    return [client](const net::ClientRequest& request, const std::stop_token& stop) {
        return client->send(request, stop);
    };
}

namespace {

std::unique_ptr<SqsQueue> connect(
    Location location,
    std::shared_ptr<CredentialsProvider> credentials,
    const ports::Clock& clock,
    SqsQueue::Urls known = {}
) {
    // Whoever configures http:// has decided: signatures hold without TLS, and no secret is sent.
    return std::make_unique<SqsQueue>(
        std::move(location),
        ClientWorld{
            .transport = http_transport({.plain = net::PlainHttp::anywhere}),
            .clock = clock,
            .credentials = std::move(credentials)},
        std::move(known)
    );
}

}  // namespace

std::unique_ptr<SqsQueue> connect_sqs(const Variables& environment, const ports::Clock& clock) {
    const auto files = read_shared_files(environment);
    return connect(
        locate("sqs", "", environment, files), find_credentials(environment, files), clock
    );
}

std::unique_ptr<SqsQueue> connect_sqs_url(
    const std::string& url, const Variables& environment, const ports::Clock& clock
) {
    const auto files = read_shared_files(environment);
    const auto parsed = parse_queue_url(url);
    return connect(
        locate_queue(parsed, environment, files),
        find_credentials(environment, files),
        clock,
        {{parsed.name, url}}
    );
}

std::unique_ptr<SqsQueue> connect_kiln(
    Location server, Credentials keys, const ports::Clock& clock
) {
    return connect(std::move(server), std::make_shared<StaticCredentials>(std::move(keys)), clock);
}

}  // namespace kiln::aws
