#include "instance_aws.hpp"

#include "aws/credentials.hpp"
#include "aws/query_client.hpp"
#include "aws/sns_signature.hpp"
#include "base/bytes.hpp"
#include "cli/config.hpp"

#include <fmt/format.h>

namespace kiln {

namespace {

constexpr Bytes kLongestAnswer{64U << 10};
constexpr std::chrono::seconds kPatience{20};

/// The body that a GET of SNS' own is answered with.
std::string fetch(const aws::Transport& transport, const std::string& url) {
    net::ClientRequest request{.url = url};
    request.deadline = Deadline::after(kPatience);
    auto answer = transport(request, {});
    if (answer.status != 200) {
        throw Error{ErrorKind::unavailable, fmt::format("SNS answers {}", answer.status)};
    }
    return std::move(answer.body);
}

std::shared_ptr<aws::QueryClient> autoscaling(const ports::Clock& clock) {
    aws::Variables environment;
    for (auto& [name, value] : cli::environment()) {
        environment.insert_or_assign(std::move(name), std::move(value));
    }
    const auto files = aws::read_shared_files(environment);
    auto keys = aws::find_credentials(environment, files);
    return std::make_shared<aws::QueryClient>(
        aws::QueryService{"autoscaling", "2011-01-01"},
        aws::locate("autoscaling", "", environment, files),
        aws::ClientWorld{
            .transport = aws::http_transport(), .clock = clock, .credentials = std::move(keys)}
    );
}

}  // namespace

instances::Aws instance_aws(const std::vector<std::string>& topics, const ports::Clock& clock) {
    if (topics.empty()) {
        return {};
    }
    const auto transport = aws::http_transport({.max_body = kLongestAnswer});
    const auto get = [transport](const std::string& url) { return fetch(transport, url); };
    auto verifier = std::make_shared<aws::SnsVerifier>(get, clock);
    return {
        .verify = [verifier](const json::object& message
                  ) { (void)verifier->verify(json::serialize(message)); },
        .confirm =
            [get](const std::string& url) {
                if (const auto problem = aws::sns_url_problem(url)) {
                    throw Error{ErrorKind::denied, "SubscribeURL: " + *problem};
                }
                (void)get(url);  // what it answers besides 200 is for people
            },
        .complete =
            [&clock](const instances::LifeCycleAction& action) {
                // Keys are looked for each time: they may have come, or changed, meanwhile.
                aws::complete_lifecycle_action(
                    *autoscaling(clock), {action.group, action.hook, action.token, action.instance}
                );
            }};
}

}  // namespace kiln
