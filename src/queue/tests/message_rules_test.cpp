#include "queue/message_rules.hpp"

#include <gmock/gmock.h>

namespace kiln::queue {
namespace {

using ::testing::HasSubstr;
using namespace std::string_view_literals;

std::string text_of(const std::optional<Refusal>& refusal) {
    return refusal ? std::string{to_string(refusal->code)} + ": " + refusal->message : "";
}

NewMessage message(std::string body) {
    NewMessage made;
    made.body = std::move(body);
    return made;
}

QueueDefinition fifo(bool by_content = false) {
    QueueDefinition queue;
    queue.name = "q.fifo";
    queue.fifo.emplace().content_deduplication = by_content;
    return queue;
}

TEST(MessageBodies, HaveXmlsCharacters) {
    for (const auto good :
         {"a"sv,
          "\t\n\r"sv,
          "\xc3\xa4"sv,
          "\xef\xbf\xbd"sv,
          "\xf0\x9f\x98\x80"sv,
          "\xed\x9f\xbf"sv}) {
        EXPECT_TRUE(has_only_message_characters(good)) << good;
    }
    for (const auto bad :
         {"\0"sv,
          "a\x1f"sv,
          "\xef\xbf\xbe"sv,
          "\xef\xbf\xbf"sv,
          "\xed\xa0\x80"sv,
          "\xff"sv,
          "\xc3"sv}) {
        EXPECT_FALSE(has_only_message_characters(bad)) << bad;
    }
    EXPECT_THAT(
        text_of(refuse_message({}, message("a\x01"))), HasSubstr("invalid_message_contents")
    );
    EXPECT_THAT(text_of(refuse_message({}, message(""))), HasSubstr("missing_parameter"));
}

TEST(MessageSizes, CountBodyAndAttributes) {
    QueueDefinition queue;
    queue.maximum_message_bytes = 1024;
    auto sent = message(std::string(1016, 'a'));
    sent.attributes["k"] = {"String", "x"};
    EXPECT_EQ(size_of(sent), 1024);
    EXPECT_EQ(text_of(refuse_message(queue, sent)), "");
    sent.body += 'a';
    EXPECT_EQ(
        text_of(refuse_message(queue, sent)),
        "invalid_parameter_value: One or more parameters are invalid. Reason: Message must be "
        "shorter than 1024 bytes."
    );
}

TEST(MessageAttributes, HaveRulesOfNames) {
    for (const auto good : {"a"sv, "A.b-c_0"sv, "attr.\xc3\xb8\xc3\x9f"sv, "\xe6\x97\xa5"sv}) {
        EXPECT_EQ(text_of(refuse_attribute(good, {"String", "x"})), "") << good;
    }
    const std::string too_long(257, 'a');
    for (const std::string_view bad :
         {""sv,
          ".a"sv,
          "a."sv,
          "a..b"sv,
          "AWS.x"sv,
          "aMaZon.x"sv,
          "a b"sv,
          "a!"sv,
          "\xc2\xa7"sv,
          "\xff"sv,
          std::string_view{too_long}}) {
        EXPECT_NE(text_of(refuse_attribute(bad, {"String", "x"})), "") << bad;
    }
}

TEST(MessageAttributes, HaveTypesAndValuesThatGoWithThem) {
    struct Row {
        const char* type;
        std::string value;
        bool good;
    };

    for (const auto& [type, value, good] :
         {Row{"String", "x", true},
          Row{"String.label", "x", true},
          Row{"Number", "-1.5e+3", true},
          Row{"Number.int", "+.5", true},
          Row{"Binary.png", std::string{"\0\xff", 2}, true},
          Row{"", "x", false},
          Row{"Text", "x", false},
          Row{"String.", "x", false},
          Row{"Strings", "x", false},
          Row{"String", "", false},
          Row{"String", "\x02", false},
          Row{"Number", "abc", false},
          Row{"Number", "1e", false},
          Row{"Number", ".", false},
          Row{"Number", std::string(39, '9'), false}}) {
        EXPECT_EQ(text_of(refuse_attribute("n", {type, value})).empty(), good) << type << value;
    }
    EXPECT_EQ(
        text_of(refuse_attribute("E", {"Number", ""})),
        "invalid_parameter_value: Message (user) attribute 'E' must contain a non-empty value of "
        "type 'String'."
    );
}

TEST(MessageAttributes, AreAtMostTen) {
    auto sent = message("x");
    for (int i = 0; i < 10; ++i) {
        sent.attributes["a" + std::to_string(i)] = {"String", "x"};
    }
    EXPECT_EQ(text_of(refuse_message({}, sent)), "");
    sent.attributes["b"] = {"String", "x"};
    EXPECT_THAT(text_of(refuse_message({}, sent)), HasSubstr("[11] exceeds the allowed maximum"));
}

TEST(MessagePlacement, FifoWantsGroupAndDeduplication) {
    auto sent = message("x");
    EXPECT_EQ(
        text_of(refuse_placement(fifo(), sent)),
        "missing_parameter: The request must contain the parameter MessageGroupId."
    );
    sent.group = "g";
    EXPECT_THAT(
        text_of(refuse_placement(fifo(), sent)), HasSubstr("ContentBasedDeduplication enabled or")
    );
    EXPECT_EQ(text_of(refuse_placement(fifo(true), sent)), "");
    sent.deduplication = "d";
    EXPECT_EQ(text_of(refuse_placement(fifo(), sent)), "");
    EXPECT_THAT(text_of(refuse_placement({}, sent)), HasSubstr("not valid for this queue type"));
}

TEST(MessagePlacement, FifoHasNoDelayOfItsMessages) {
    auto sent = message("x");
    sent.group = "g";
    sent.delay = std::chrono::seconds{0};
    EXPECT_EQ(text_of(refuse_placement(fifo(true), sent)), "");
    sent.delay = std::chrono::seconds{2};
    EXPECT_THAT(
        text_of(refuse_placement(fifo(true), sent)), HasSubstr("Value 2 for parameter DelaySeconds")
    );
    EXPECT_EQ(text_of(refuse_placement({}, sent)), "");
    sent.delay = std::chrono::seconds{901};
    EXPECT_THAT(text_of(refuse_placement({}, sent)), HasSubstr("Value 901"));
}

TEST(MessagePlacement, IdsArePrintableAscii) {
    EXPECT_FALSE(refuse_token("MessageGroupId", "a!~" + std::string(125, 'x')));
    for (const auto& bad :
         {std::string{}, std::string{"a b"}, std::string(129, 'x'), std::string{"\xc3\xa4"}}) {
        EXPECT_THAT(
            text_of(refuse_token("MessageGroupId", bad)),
            HasSubstr("MessageGroupId can only include alphanumeric and punctuation characters.")
        );
    }
}

}  // namespace
}  // namespace kiln::queue
