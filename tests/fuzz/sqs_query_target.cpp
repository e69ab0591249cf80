// A form of SQS' Query protocol, after a byte that says of which operation.

#include "api/sqs/answers.hpp"
#include "api/sqs/query_reader.hpp"
#include "api/sqs/reply.hpp"
#include "base/json.hpp"
#include "queue/message_rules.hpp"
#include "tests/fuzz/sqs_shapes.hpp"
#include "tests/fuzz/target.hpp"

#include <array>

namespace kiln::fuzz {

namespace {

using namespace api::sqs;

/// No character data may end an element, or begin one.
void expect_escaped(std::string_view text) {
    std::string xml;
    append_xml(xml, text);
    KILN_CHECK(xml.find_first_of("<>\"\r") == std::string::npos);
    KILN_CHECK(xml.size() >= text.size());
}

void use(const SendMessage& request) {
    expect_escaped(request.message.body.value_or(""));
    queue::NewMessage message;
    message.body = request.message.body.value_or("");
    if (!queue::refuse_message({}, message)) {
        ShownMessage shown;
        shown.body = message.body;
        MessagesAnswer answer{{shown}};
        (void)parse_json(encode({Protocol::query_json, "ReceiveMessage", "id"}, answer).body);
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
            const auto text = std::string_view{input}.substr(1);
            Form form{
                text.substr(0, text.find('?')), text.substr(std::min(text.find('?'), text.size()))};
            use(read_query<Shape>(form));
        } catch (const Error& error) {
            expect_refusal(error);
        }
    });
}

std::string word(std::size_t number) {
    static constexpr std::array kWords{
        "QueueUrl=",
        "&MessageBody=",
        "&DelaySeconds=",
        "&MessageAttribute.1.Name=a",
        "&MessageAttribute.1.Value.DataType=String",
        "&MessageAttribute.1.Value.StringValue=",
        "&MessageAttributes.2.Value.BinaryValue=AA%3D%3D",
        "&SendMessageBatchRequestEntry.1.Id=a",
        "&SendMessageBatchRequestEntry.10.MessageAttribute.3.Name=",
        "&Entries=",
        "&Attribute.1.Name=Policy",
        "&Attribute.1.Value=",
        "&Tag.1.Key=",
        "&Tags.2.Value=",
        "&AttributeName.1=All",
        "4294967296",
        "-1",
        "%",
        "%zz",
        "%00",
        "+",
        "&",
        "=",
        ".",
        ".0.",
        "X-Amz-",
        "Action=",
        "&Version=2012-11-05",
        "?",
    };
    return kWords.at(number % kWords.size());
}

}  // namespace kiln::fuzz
