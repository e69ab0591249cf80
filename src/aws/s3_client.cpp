#include "aws/s3_client.hpp"

#include "aws/exchange.hpp"
#include "aws/signed_request.hpp"
#include "base/random.hpp"
#include "net/url.hpp"

#include <fmt/format.h>

namespace kiln::aws {

namespace {

constexpr std::chrono::seconds kOneAnswer{60};

bool transient(const net::ClientResponse& response) {
    return response.status == 429 || response.status >= 500;
}

bool succeeded(const net::ClientResponse& response) {
    return response.status >= 200 && response.status < 300;
}

}  // namespace

std::string object_path(std::string_view bucket, std::string_view key) {
    auto out = "/" + percent_encoded(bucket);
    if (key.empty()) {
        return out;
    }
    for (;;) {
        const auto slash = key.find('/');
        out += "/" + percent_encoded(key.substr(0, slash));
        if (slash == std::string_view::npos) {
            return out;
        }
        key.remove_prefix(slash + 1);
    }
}

S3Client::S3Client(Location location, ClientWorld world)
    : location_{std::move(location)}, host_{host_of(location_.endpoint)}, world_{std::move(world)} {
    if (!world_.jitter) {
        world_.jitter = random_jitter;
    }
}

net::ClientRequest S3Client::signed_request(const Call& call) {
    const auto credentials = world_.credentials->current();
    const Signing signing{
        .credentials = credentials,
        .region = location_.region,
        .service = "s3",
        .at = world_.clock.now(),
        .path = PathRule::s3,
        .payload = PayloadHeader::present};
    auto request = aws::signed_request(
        {.method = call.method,
         .endpoint = location_.endpoint,
         .path = call.path,
         .query = call.query,
         .headers = {{"Host", host_}},
         .body = call.body},
        signing,
        keys_
    );
    request.deadline = Deadline::after(kOneAnswer);
    return request;
}

net::ClientResponse S3Client::send(const Call& call, const std::stop_token& stop) {
    return exchange(
        {.world = world_,
         .quota = quota_,
         .name = fmt::format("s3 {} {}", call.method, call.path),
         .request = [&] { return signed_request(call); },
         .may_pass = transient},
        stop
    );
}

template <class Read>
auto S3Client::ask(const Call& call, const std::stop_token& stop, Read read)
    -> Outcome<std::invoke_result_t<Read, net::ClientResponse&>> {
    auto response = send(call, stop);
    if (!succeeded(response)) {
        return read_s3_failure(response);
    }
    return read(response);
}

S3Client::Outcome<std::string> S3Client::get(
    std::string_view bucket,
    std::string_view key,
    std::string_view version,
    const std::stop_token& stop
) {
    const auto query = version.empty() ? "" : "versionId=" + percent_encoded(version);
    return ask({"GET", object_path(bucket, key), query, ""}, stop, [](auto& response) {
        return std::move(response.body);
    });
}

S3Client::Outcome<S3Listing> S3Client::list(
    std::string_view bucket,
    std::string_view prefix,
    std::string_view token,
    const std::stop_token& stop
) {
    auto query = "encoding-type=url&list-type=2&prefix=" + percent_encoded(prefix);
    if (!token.empty()) {
        query = "continuation-token=" + percent_encoded(token) + "&" + query;
    }
    return ask({"GET", object_path(bucket, {}), query, ""}, stop, [](auto& response) {
        return read_listing(response.body);
    });
}

S3Client::Outcome<S3Client::Done> S3Client::put(
    std::string_view bucket,
    std::string_view key,
    const std::string& bytes,
    const std::stop_token& stop
) {
    return ask({"PUT", object_path(bucket, key), "", bytes}, stop, [](auto&) { return Done{}; });
}

}  // namespace kiln::aws
