#include "local_api.hpp"

#include "queue/uuid.hpp"

#include <fmt/format.h>

namespace kiln {

namespace {

std::string text_in(const json::value& body, std::string_view name) {
    const auto* object = body.if_object();
    const auto* value = object != nullptr ? object->if_contains(name) : nullptr;
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : "";
}

tasks::ApiAnswer refusal(unsigned status, std::string code, std::string message) {
    tasks::ApiAnswer answer;
    answer.status = status;
    answer.code = code;
    answer.query_code = std::move(code);
    answer.message = std::move(message);
    return answer;
}

}  // namespace

tasks::ApiAnswer read_answer(const net::Response& response) {
    tasks::ApiAnswer answer;
    answer.status = response.status;
    answer.request_id = response.headers.value_or("x-amzn-RequestId", "");
    answer.length = response.body.size();
    boost::system::error_code not_json;
    answer.body = json::parse(response.body.empty() ? "{}" : response.body, not_json);
    if (answer.succeeded()) {
        return answer;
    }
    const auto type = text_in(answer.body, "__type");
    answer.code = type.substr(type.find('#') + 1);  // all of it where there is none
    const auto query = std::string{response.headers.value_or("x-amzn-query-error", answer.code)};
    answer.query_code = query.substr(0, query.find(';'));
    answer.message = text_in(answer.body, "message");
    return answer;
}

void LocalApi::call(
    std::string_view service, std::string_view operation, const json::object& input, Done done
) {
    const auto at = services_.find(service);
    if (at == services_.end()) {
        return done(refusal(
            404, "UnknownOperationException", fmt::format("'{}' is not served here", service)
        ));
    }
    auto& target = *at->second;
    net::Request request;
    request.method = "POST";
    request.target = "/";
    request.headers = {
        {"Host", *host_.lock()},
        {"Content-Type", "application/x-amz-json-1.0"},
        {"X-Amz-Target", fmt::format("{}{}", target.marks().target_prefix, operation)}};
    request.body = json::serialize(input);
    const bool taken = pool_.post([this, &target, request = std::move(request), done] {
        thread_local queue::UuidSource ids;
        auto responder = net::Responder::within([gate = gate_, done](const auto& response) {
            gate->pass([&] { done(read_answer(response)); });
        });
        target.serve({request, std::move(responder), ids.next(), caller_});
    });
    if (!taken) {
        done(refusal(429, "ThrottlingException", "Rate exceeded"));
    }
}

}  // namespace kiln
