#include "api/sqs/reply.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

namespace kiln::api::sqs {

namespace {

constexpr std::string_view kXmlHead = "<?xml version=\"1.0\"?>";
constexpr std::string_view kNameSpace = "http://queue.amazonaws.com/doc/2012-11-05/";

template <class... Parts>
void append(std::string& out, fmt::format_string<Parts...> format, Parts&&... parts) {
    fmt::format_to(std::back_inserter(out), format, std::forward<Parts>(parts)...);
}

std::string_view type_of(Protocol protocol) noexcept {
    switch (protocol) {
        case Protocol::json:
            return "application/x-amz-json-1.0";
        case Protocol::query:
            return "text/xml";
        case Protocol::query_json:
            return "application/json";
    }
    return "";
}

std::string_view word(Fault fault) noexcept {
    return fault == Fault::sender ? "Sender" : "Receiver";
}

std::string json_failure(const ErrorNames& names, std::string_view message) {
    std::string body;
    JsonWriter writer{body};
    writer("__type", names.json);
    writer("message", message);
    writer.finish();
    return body;
}

std::string query_json_failure(
    const Envelope& envelope, const ErrorNames& names, std::string_view message
) {
    std::string body = "{\"Error\":";
    JsonWriter writer{body};
    writer("Type", word(names.fault));
    writer("Code", names.query);
    writer("Message", message);
    writer.finish();
    append(body, ",\"RequestId\":\"{}\"}}", envelope.request_id);
    return body;
}

std::string xml_failure(
    const Envelope& envelope, const ErrorNames& names, std::string_view message
) {
    std::string body{kXmlHead};
    append(body, "<ErrorResponse xmlns=\"{}\"><Error>", kNameSpace);
    XmlWriter writer{body};
    writer("Type", word(names.fault));
    writer("Code", names.query);
    writer("Message", message);
    append(body, "<Detail/></Error><RequestId>{}</RequestId></ErrorResponse>", envelope.request_id);
    return body;
}

}  // namespace

net::Response response_of(unsigned status, const Envelope& envelope, std::string body) {
    net::Headers headers{{"x-amzn-RequestId", envelope.request_id}};
    headers.add("Content-Type", std::string{type_of(envelope.protocol)});
    return {status, std::move(headers), std::move(body)};
}

std::string query_message(const Failure& failure) {
    if (failure.code == ErrorCode::queue_does_not_exist && failure.message.ends_with('.')) {
        return failure.message.substr(0, failure.message.size() - 1) + " for this wsdl version.";
    }
    return failure.message;
}

net::Response encode_failure(
    const Envelope& envelope, const ErrorNames& names, std::string_view message
) {
    switch (envelope.protocol) {
        case Protocol::query:
            return response_of(names.status, envelope, xml_failure(envelope, names, message));
        case Protocol::query_json:
            return response_of(
                names.status, envelope, query_json_failure(envelope, names, message)
            );
        case Protocol::json:
            break;
    }
    auto response = response_of(names.status, envelope, json_failure(names, message));
    // SDKs of the time before JSON knew errors by these codes; newer ones map them back.
    response.headers.add(
        "x-amzn-query-error", fmt::format("{};{}", names.query, word(names.fault))
    );
    return response;
}

net::Response encode_failure(const Envelope& envelope, const Failure& failure) {
    const bool json = envelope.protocol == Protocol::json;
    // It repeats what was sent, which need not be text.
    const auto message = to_utf8(json ? failure.message : query_message(failure));
    return encode_failure(envelope, names_of(failure.code), message);
}

void open_answer(std::string& body, const Envelope& envelope, bool has_result) {
    const auto operation = envelope.operation;
    if (envelope.protocol == Protocol::query) {
        body += kXmlHead;
        append(body, "<{}Response xmlns=\"{}\">", operation, kNameSpace);
        if (has_result) {
            append(body, "<{}Result>", operation);
        }
    } else if (envelope.protocol == Protocol::query_json) {
        append(body, "{{\"{}Response\":{{", operation);
        if (has_result) {
            append(body, "\"{}Result\":", operation);
        }
    }
}

void close_answer(std::string& body, const Envelope& envelope, bool has_result) {
    const auto operation = envelope.operation;
    if (envelope.protocol == Protocol::query) {
        if (has_result) {
            append(body, "</{}Result>", operation);
        }
        append(
            body,
            "<ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></{}Response>",
            envelope.request_id,
            operation
        );
    } else if (envelope.protocol == Protocol::query_json) {
        append(
            body,
            "{}\"ResponseMetadata\":{{\"RequestId\":\"{}\"}}}}}}",
            has_result ? "," : "",
            envelope.request_id
        );
    }
}

}  // namespace kiln::api::sqs
