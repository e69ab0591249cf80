#include "aws/query_client.hpp"

#include "aws/exchange.hpp"
#include "aws/signed_request.hpp"
#include "base/random.hpp"

#include <sstream>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <fmt/format.h>

namespace kiln::aws {

namespace {

constexpr std::chrono::seconds kOneAnswer{30};
constexpr const char* kForm = "application/x-www-form-urlencoded; charset=utf-8";

std::string form_of(
    std::string_view action, std::string_view version, const QueryClient::Parameters& parameters
) {
    auto form = fmt::format("Action={}&Version={}", action, version);
    for (const auto& [name, value] : parameters) {
        form += fmt::format("&{}={}", percent_encoded(name), percent_encoded(value));
    }
    return form;
}

bool succeeded(const net::ClientResponse& response) {
    return response.status >= 200 && response.status < 300;
}

bool may_pass(const net::ClientResponse& response) {
    const auto kind =
        succeeded(response) ? RetryClass::never : retry_class(read_query_failure(response));
    return kind == RetryClass::transient || kind == RetryClass::throttled;
}

}  // namespace

QueryClient::QueryClient(QueryService service, Location location, ClientWorld world)
    : service_{std::move(service)},
      location_{std::move(location)},
      host_{host_of(location_.endpoint)},
      world_{std::move(world)} {
    if (!world_.jitter) {
        world_.jitter = random_jitter;
    }
}

net::ClientRequest QueryClient::signed_request(const std::string& body) {
    const auto credentials = world_.credentials->current();
    const Signing signing{
        .credentials = credentials,
        .region = location_.region,
        .service = service_.signing_name,
        .at = world_.clock.now()};
    auto request = aws::signed_request(
        {.endpoint = location_.endpoint,
         .headers = {{"Host", host_}, {"Content-Type", kForm}},
         .body = body},
        signing,
        keys_
    );
    request.deadline = Deadline::after(kOneAnswer);
    return request;
}

QueryClient::Outcome QueryClient::call(
    std::string_view action, const Parameters& parameters, const std::stop_token& stop
) {
    const auto body = form_of(action, service_.version, parameters);
    auto response = exchange(
        {.world = world_,
         .quota = quota_,
         .name = fmt::format("{} {}", service_.signing_name, action),
         .request = [&] { return signed_request(body); },
         .may_pass = may_pass},
        stop
    );
    if (succeeded(response)) {
        return std::move(response.body);
    }
    return read_query_failure(response);
}

ServiceFailure read_query_failure(const net::ClientResponse& response) {
    auto failure = read_failure(response);  // status and Retry-After
    boost::property_tree::ptree document;
    std::istringstream text{response.body};
    try {
        boost::property_tree::read_xml(
            text, document, boost::property_tree::xml_parser::trim_whitespace
        );
    } catch (const boost::property_tree::xml_parser_error&) {
        return failure;  // of something before the service
    }
    // EC2 has <Response><Errors><Error>, the others <ErrorResponse><Error>.
    for (const auto* path : {"ErrorResponse.Error", "Response.Errors.Error"}) {
        if (const auto error = document.get_child_optional(path)) {
            failure.name = error->get<std::string>("Code", "");
            failure.message = error->get<std::string>("Message", "");
        }
    }
    return failure;
}

void complete_lifecycle_action(QueryClient& autoscaling, const LifecycleAction& action) {
    const auto answer = autoscaling.call(
        "CompleteLifecycleAction",
        {{"AutoScalingGroupName", action.group},
         {"LifecycleHookName", action.hook},
         {"LifecycleActionToken", action.token},
         {"InstanceId", action.instance},
         {"LifecycleActionResult", "CONTINUE"}}
    );
    if (const auto* const failure = std::get_if<ServiceFailure>(&answer)) {
        // AWS says ValidationError of an action that nobody waits for.
        const auto kind =
            failure->name == "ValidationError" ? ErrorKind::conflict : common_kind(*failure);
        throw Error{
            kind,
            fmt::format(
                "CompleteLifecycleAction of {} in {}: {} ({})",
                action.instance,
                action.group,
                failure->message,
                failure->name
            )};
    }
}

}  // namespace kiln::aws
