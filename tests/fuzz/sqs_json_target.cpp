// A body of SQS' JSON protocol, after a byte that says of which operation. What the rules of
// messages, attributes and policies take, is shown so that it reads back as the same.

#include "api/sqs/answers.hpp"
#include "api/sqs/json_reader.hpp"
#include "api/sqs/reply.hpp"
#include "queue/message_rules.hpp"
#include "queue/policy.hpp"
#include "tests/fuzz/sqs_shapes.hpp"
#include "tests/fuzz/target.hpp"

#include <array>

namespace kiln::fuzz {

namespace {

using namespace api::sqs;

void use(const SendMessage& request) {
    queue::NewMessage message;
    message.body = request.message.body.value_or("");
    for (const auto& [name, value] : request.message.attributes) {
        message.attributes[name] = {value.type.value_or(""), value.text.value_or("")};
    }
    if (queue::refuse_message({}, message)) {
        return;
    }
    ShownMessage shown;
    shown.body = message.body;
    MessagesAnswer answer{{shown}};
    const auto response = encode({Protocol::json, "ReceiveMessage", "id"}, answer);
    const auto read = parse_json(response.body).at("Messages").at(0);
    KILN_CHECK(std::string_view{read.at("Body").as_string()} == message.body);
}

void use(const CreateQueue& request) {
    const queue::Place place;
    const auto made = queue::define_queue(place, request.name.value_or("q"), request.attributes);
    if (queue::refused(made)) {
        return;
    }
    const auto& definition = std::get<queue::NewQueue>(made).definition;
    const auto shown = queue::show_attributes(place, definition, {}, {"All"});
    KILN_CHECK(!queue::refused(shown));
    queue::AttributeValues again;
    for (const auto& [name, value] : request.attributes) {
        const auto& all = std::get<queue::AttributeValues>(shown);
        if (const auto found = all.find(name); found != all.end()) {
            again.insert(*found);
        }
    }
    const auto same = queue::define_queue(place, definition.name, again);
    KILN_CHECK(!queue::refused(same));
    const auto added =
        queue::add_permission(place, definition, {"label", {"111122223333"}, {"SendMessage"}});
    if (!queue::refused(added)) {
        KILN_CHECK(!queue::refused(
            queue::remove_permission(std::get<queue::QueueDefinition>(added), "label")
        ));
    }
}

template <class Shape>
void use(const Shape&) {}

}  // namespace

void run(const std::string& input) {
    if (input.empty()) {
        return;
    }
    with_shape(static_cast<unsigned char>(input[0]), [&]<class Shape>() {
        try {
            use(read_json<Shape>(std::string_view{input}.substr(1), input.size()));
        } catch (const Error& error) {
            expect_refusal(error);
        }
    });
}

std::string word(std::size_t number) {
    static constexpr std::array kWords{
        "\"QueueUrl\":",
        "\"MessageBody\":",
        "\"DelaySeconds\":",
        "\"MessageAttributes\":{",
        "\"DataType\":\"Number\"",
        "\"StringValue\":",
        "\"BinaryValue\":\"AA==\"",
        "\"Entries\":[{",
        "\"Attributes\":{",
        "\"Policy\":\"{}\"",
        "\"RedrivePolicy\":\"{}\"",
        "\"FifoQueue\":\"true\"",
        "\"QueueName\":\"q.fifo\"",
        "\"DeduplicationScope\":\"messageGroup\"",
        "null",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\uffff\"",
        "1e99",
        "9223372036854775808",
        "-1",
        "{}",
        "[]",
        ",",
        ":",
        "\"tags\":{",
        "\"RedriveAllowPolicy\":\"{\\\"redrivePermission\\\":\\\"allowAll\\\"}\"",
        "\"KmsMasterKeyId\":\"\"",
        "\\\"Statement\\\":[",
        "\\\"Sid\\\":1",
        "\"VisibilityTimeout\":\"30\"",
    };
    return kWords.at(number % kWords.size());
}

}  // namespace kiln::fuzz
