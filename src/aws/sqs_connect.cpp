#include "aws/sqs_connect.hpp"

#include "aws/credentials.hpp"
#include "aws/instance_role.hpp"
#include "aws/location.hpp"
#include "aws/queue_url.hpp"

namespace kiln::aws {

namespace {

std::shared_ptr<CredentialsProvider> credentials_for(
    const Variables& environment, const SharedFiles& files, const ports::Clock& clock
) {
    std::shared_ptr<CredentialsProvider> role;
    if (auto endpoint = metadata_endpoint(environment)) {
        role = std::make_shared<InstanceRole>(
            std::move(*endpoint), http_transport({.plain = net::PlainHttp::anywhere}), clock
        );
    }
    return find_credentials(environment, files, std::move(role));
}

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
        locate("sqs", "", environment, files), credentials_for(environment, files, clock), clock
    );
}

std::unique_ptr<SqsQueue> connect_sqs_url(
    const std::string& url, const Variables& environment, const ports::Clock& clock
) {
    const auto files = read_shared_files(environment);
    const auto parsed = parse_queue_url(url);
    return connect(
        locate_queue(parsed, environment, files),
        credentials_for(environment, files, clock),
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
