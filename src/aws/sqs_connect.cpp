#include "aws/sqs_connect.hpp"

#include "aws/credentials.hpp"
#include "aws/location.hpp"

namespace kiln::aws {

Transport http_transport(net::ClientOptions options) {
    auto client = std::make_shared<net::HttpClient>(std::move(options));
    return [client](const net::ClientRequest& request, const std::stop_token& stop) {
        return client->send(request, stop);
    };
}

std::unique_ptr<SqsQueue> connect_sqs(
    const Variables& environment, const std::string& region, const ports::Clock& clock
) {
    const auto files = read_shared_files(environment);
    auto location = locate("sqs", region, environment, files);
    // Whoever writes http:// there has decided: signatures hold without TLS, secrets are not sent.
    return std::make_unique<SqsQueue>(
        std::move(location),
        ClientWorld{
            .transport = http_transport({.plain = net::PlainHttp::anywhere}),
            .clock = clock,
            .credentials = find_credentials(environment, files)}
    );
}

std::unique_ptr<SqsQueue> connect_kiln(
    Location server, Credentials keys, const ports::Clock& clock
) {
    return std::make_unique<SqsQueue>(
        std::move(server),
        ClientWorld{
            .transport = http_transport({.plain = net::PlainHttp::anywhere}),
            .clock = clock,
            .credentials = std::make_shared<StaticCredentials>(std::move(keys))}
    );
}

}  // namespace kiln::aws
