#include "api/sqs/service.hpp"

#include "api/sqs/json_reader.hpp"
#include "api/sqs/operations.hpp"
#include "api/sqs/query_reader.hpp"
#include "queue/message_rules.hpp"

#include <algorithm>
#include <array>

namespace kiln::api::sqs {

namespace {

constexpr std::string_view kTargetPrefix = "AmazonSQS.";

/// A call's parameters, not read yet.
struct Wire {
    std::string_view json;  ///< the body
    Form* form = nullptr;   ///< set: the Query protocol
    std::string_view path;  ///< names the queue where the parameters do not
};

struct Operation {
    std::string_view name;
    bool at_root = false;  ///< not to be called on a queue's URL
    void (*call)(const Context&, const Wire&, const ReplyPtr&) = nullptr;
};

template <class Shape>
Shape read(const Wire& wire) {
    auto shape = wire.form != nullptr ? read_query<Shape>(*wire.form)
                                      : read_json<Shape>(wire.json, wire.json.size());
    if constexpr (requires { shape.queue_url; }) {
        if (!shape.queue_url && wire.path.size() > 1) {
            shape.queue_url = wire.path;
        }
    }
    return shape;
}

template <class Shape, void (*Answer)(const Context&, Shape, ReplyPtr)>
constexpr Operation operation(bool at_root = false) {
    return {
        Shape::kName, at_root, [](const Context& context, const Wire& wire, const ReplyPtr& reply) {
            Shape shape;
            try {
                shape = read<Shape>(wire);
            } catch (const Error& error) {
                const auto code = wire.form != nullptr ? ErrorCode::invalid_parameter_value
                                                       : ErrorCode::serialization;
                return reply->fail({code, error.message()});
            }
            Answer(context, std::move(shape), reply);
        }};
}

constexpr std::array kOperations{
    operation<AddPermission, add_permission>(),
    operation<CancelMessageMoveTask, cancel_message_move_task>(),
    operation<ChangeMessageVisibility, change_message_visibility>(),
    operation<ChangeMessageVisibilityBatch, change_message_visibility_batch>(),
    operation<CreateQueue, create_queue>(true),
    operation<DeleteMessage, delete_message>(),
    operation<DeleteMessageBatch, delete_message_batch>(),
    operation<DeleteQueue, delete_queue>(),
    operation<GetQueueAttributes, get_queue_attributes>(),
    operation<GetQueueUrl, get_queue_url>(),
    operation<ListDeadLetterSourceQueues, list_dead_letter_source_queues>(),
    operation<ListMessageMoveTasks, list_message_move_tasks>(),
    operation<ListQueueTags, list_queue_tags>(),
    operation<ListQueues, list_queues>(true),
    operation<PurgeQueue, purge_queue>(),
    operation<ReceiveMessage, receive_message>(),
    operation<RemovePermission, remove_permission>(),
    operation<SendMessage, send_message>(),
    operation<SendMessageBatch, send_message_batch>(),
    operation<SetQueueAttributes, set_queue_attributes>(),
    operation<StartMessageMoveTask, start_message_move_task>(),
    operation<TagQueue, tag_queue>(),
    operation<UntagQueue, untag_queue>(),
};

const Operation* find_operation(std::string_view name) noexcept {
    const auto* const at = std::find_if(kOperations.begin(), kOperations.end(), [&](auto& each) {
        return each.name == name;
    });
    return at == kOperations.end() ? nullptr : at;
}

Protocol protocol_of(const net::Request& request) {
    if (request.headers.contains("X-Amz-Target") ||
        request.headers.value_or("Content-Type", "").starts_with("application/x-amz-json")) {
        return Protocol::json;
    }
    return request.headers.value_or("Accept", "").starts_with("application/json")
               ? Protocol::query_json
               : Protocol::query;
}

/// As the client names this server; a Host that cannot stand in a URL is not repeated.
std::string base_url_of(const net::Request& request) {
    const auto host = request.headers.value_or("Host", "");
    const bool good = !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
    });
    return (request.secure ? "https://" : "http://") + (good ? std::string{host} : "localhost");
}

/// What proxies and SDKs put there of themselves; what is no text cannot be kept with a message.
Text trace_header_of(const net::Request& request) {
    const auto trace = request.headers.value_or("X-Amzn-Trace-Id", "");
    return trace.empty() || !queue::has_only_message_characters(trace) ? std::nullopt : Text{trace};
}

std::string_view target_operation(const net::Request& request) {
    const auto target = request.headers.value_or("X-Amz-Target", "");
    return target.starts_with(kTargetPrefix) ? target.substr(kTargetPrefix.size())
                                             : std::string_view{};
}

std::string_view form_body(const net::Request& request) {
    const bool form = request.headers.value_or("Content-Type", "")
                          .starts_with("application/x-www-form-urlencoded");
    return form ? std::string_view{request.body} : std::string_view{};
}

Failure unknown_operation(std::string_view name) {
    return {
        ErrorCode::invalid_action,
        fmt::format("The action {} is not valid for this endpoint.", name)};
}

/// Without an action there is no protocol to answer in.
void answer_no_action(AwsCall call) {
    net::Response response{404, {{"x-amzn-RequestId", call.request_id}}, ""};
    response.headers.add("Content-Type", "text/xml");
    response.body = "<UnknownOperationException/>";
    call.responder.send(std::move(response));
}

void serve_json(const Context& context, AwsCall call) {
    const auto name = target_operation(call.request);
    const auto* const operation = find_operation(name);
    const auto reply = std::make_shared<Reply>(
        std::move(call.responder),
        Envelope{
            Protocol::json,
            operation == nullptr ? std::string_view{} : operation->name,
            std::move(call.request_id)}
    );
    if (operation == nullptr || call.request.method != "POST") {
        return reply->fail(unknown_operation(name));
    }
    operation->call(context, {call.request.body, nullptr, {}}, reply);
}

void serve_query(const Context& context, Protocol protocol, AwsCall call) {
    Form form{call.request.query(), form_body(call.request)};
    const auto* const action = form.find("Action");
    const bool method = call.request.method == "GET" || call.request.method == "POST";
    if (action == nullptr || !method) {
        return answer_no_action(std::move(call));
    }
    const auto* const operation = find_operation(*action);
    const auto reply = std::make_shared<Reply>(
        std::move(call.responder),
        Envelope{
            protocol,
            operation == nullptr ? std::string_view{} : operation->name,
            std::move(call.request_id)}
    );
    const auto path = call.request.path();
    if (operation == nullptr || (operation->at_root && path.size() > 1)) {
        return reply->fail(unknown_operation(*action));
    }
    const auto* const version = form.find("Version");
    if (version != nullptr && *version != "2012-11-05") {
        return reply->fail(
            {ErrorCode::invalid_action,
             fmt::format("Could not find operation {} for version {}.", *action, *version)}
        );
    }
    operation->call(context, {{}, &form, path}, reply);
}

}  // namespace

void Service::serve(AwsCall call) {
    const Context context{
        engine_,
        place_,
        base_url_of(call.request),
        call.access_key_id,
        trace_header_of(call.request)};
    const auto protocol = protocol_of(call.request);
    if (protocol == Protocol::json) {
        serve_json(context, std::move(call));
    } else {
        serve_query(context, protocol, std::move(call));
    }
}

net::Response Service::deny(
    const net::Request& request, const AuthFailure& failure, const std::string& request_id
) const {
    const auto names = names_of(failure.code);
    return encode_failure(
        {protocol_of(request), "", request_id},
        {names.json, names.query, names.status, Fault::sender},
        failure.message
    );
}

}  // namespace kiln::api::sqs
