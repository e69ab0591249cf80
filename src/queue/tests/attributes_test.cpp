#include "queue/attributes.hpp"

#include "queue/redrive.hpp"

#include <gmock/gmock.h>

namespace kiln::queue {
namespace {

using ::testing::HasSubstr;

const Place kPlace{"us-east-1", "123456789012"};

/// "CODE: message", or "" for what is taken.
template <class T>
std::string refusal_of(const Outcome<T>& outcome) {
    const auto* const refusal = std::get_if<Refusal>(&outcome);
    return refusal == nullptr ? ""
                              : std::string{to_string(refusal->code)} + ": " + refusal->message;
}

QueueDefinition defined(std::string_view name, const AttributeValues& attributes = {}) {
    auto outcome = define_queue(kPlace, name, attributes);
    EXPECT_EQ(refusal_of(outcome), "");
    return std::get<NewQueue>(outcome).definition;
}

AttributeValues shown(
    const QueueDefinition& definition, const std::vector<std::string>& names = {"All"}
) {
    return std::get<AttributeValues>(show_attributes(kPlace, definition, {}, names));
}

TEST(QueueNames, AreUpTo80OfTheirCharacters) {
    const std::string longest(80, 'a');
    for (const auto& good : {std::string{"a"}, std::string{"A-z_0"}, longest}) {
        EXPECT_FALSE(refuse_queue_name(good, false)) << good;
    }
    for (const auto& bad :
         {std::string{""}, longest + "a", std::string{"a/b"}, std::string{"a.fifo"}}) {
        EXPECT_TRUE(refuse_queue_name(bad, false)) << bad;
    }
    EXPECT_FALSE(refuse_queue_name("a.fifo", true));
    EXPECT_FALSE(refuse_queue_name(std::string(75, 'a') + ".fifo", true));
    for (const auto& bad :
         {std::string{".fifo"}, std::string{"a"}, std::string(76, 'a') + ".fifo"}) {
        EXPECT_TRUE(refuse_queue_name(bad, true)) << bad;
    }
}

TEST(QueueArns, NameOnlyQueuesOfTheirPlace) {
    EXPECT_EQ(queue_arn(kPlace, "q"), "arn:aws:sqs:us-east-1:123456789012:q");
    EXPECT_EQ(queue_of_arn(kPlace, "arn:aws:sqs:us-east-1:123456789012:q.fifo"), "q.fifo");
    for (const auto* other :
         {"arn:aws:sqs:eu-west-1:123456789012:q",
          "arn:aws:sqs:us-east-1:000000000000:q",
          "arn:aws:sqs:us-east-1:123456789012:",
          "arn:aws:sqs:us-east-1:123456789012:a:b",
          "q"}) {
        EXPECT_EQ(queue_of_arn(kPlace, other), std::nullopt) << other;
    }
}

TEST(QueueAttributes, NumbersHaveRanges) {
    struct Row {
        const char* name;
        std::int64_t low, high;
    };

    for (const auto& [name, low, high] :
         {Row{"DelaySeconds", 0, 900},
          Row{"MaximumMessageSize", 1024, 1'048'576},
          Row{"MessageRetentionPeriod", 60, 1'209'600},
          Row{"ReceiveMessageWaitTimeSeconds", 0, 20},
          Row{"VisibilityTimeout", 0, 43'200},
          Row{"KmsDataKeyReusePeriodSeconds", 60, 86'400}}) {
        for (const auto good : {low, high}) {
            EXPECT_EQ(refusal_of(define_queue(kPlace, "q", {{name, std::to_string(good)}})), "");
        }
        for (const auto& bad :
             {std::to_string(low - 1), std::to_string(high + 1), std::string{"x"}, std::string{}}) {
            EXPECT_THAT(
                refusal_of(define_queue(kPlace, "q", {{name, bad}})),
                HasSubstr(
                    std::string{"invalid_attribute_value: Invalid value for the parameter "} + name
                )
            ) << bad;
        }
    }
}

TEST(QueueAttributes, UnknownAndReadOnlyOnesAreRefused) {
    for (const auto* name : {"Foo", "QueueArn", "visibilitytimeout", "All"}) {
        EXPECT_EQ(
            refusal_of(define_queue(kPlace, "q", {{name, "1"}})),
            std::string{"invalid_attribute_name: Unknown Attribute "} + name + "."
        );
    }
    EXPECT_EQ(
        refusal_of(show_attributes(kPlace, defined("q"), {}, {"Foo"})),
        "invalid_attribute_name: Unknown Attribute Foo."
    );
}

TEST(QueueAttributes, OfFifoQueuesAreRefusedElsewhere) {
    EXPECT_THAT(
        refusal_of(define_queue(kPlace, "q", {{"FifoQueue", "false"}})),
        HasSubstr("Unknown Attribute FifoQueue.")
    );
    EXPECT_THAT(
        refusal_of(define_queue(kPlace, "q", {{"DeduplicationScope", "queue"}})),
        HasSubstr("only when FifoQueue is set to true")
    );
    EXPECT_THAT(
        refusal_of(define_queue(kPlace, "q.fifo", {})), HasSubstr("invalid_parameter_value")
    );
    EXPECT_THAT(
        refusal_of(change_attributes(
            kPlace, defined("q.fifo", {{"FifoQueue", "true"}}), {{"FifoQueue", "false"}}
        )),
        HasSubstr("Modifying queue type is not supported.")
    );
}

TEST(QueueAttributes, OneGroupsThroughputWantsOneGroupsDeduplication) {
    EXPECT_THAT(
        refusal_of(define_queue(
            kPlace, "q.fifo", {{"FifoQueue", "true"}, {"FifoThroughputLimit", "perMessageGroupId"}}
        )),
        HasSubstr("FifoThroughputLimit")
    );
    const auto high = defined(
        "q.fifo",
        {{"FifoQueue", "True"},
         {"DeduplicationScope", "messageGroup"},
         {"FifoThroughputLimit", "perMessageGroupId"}}
    );
    EXPECT_EQ(high.fifo->made_with, DeduplicationScope::message_group);
    EXPECT_EQ(shown(high).at("FifoThroughputLimit"), "perMessageGroupId");
}

TEST(QueueAttributes, OnlyThoseThatWereAskedForAndAreSetAreShown) {
    const auto definition = defined("q", {{"DelaySeconds", "5"}});
    EXPECT_EQ(
        shown(definition, {"DelaySeconds", "Policy"}), (AttributeValues{{"DelaySeconds", "5"}})
    );
    EXPECT_TRUE(shown(definition, {}).empty());
    EXPECT_EQ(shown(definition).size(), 12U);
}

TEST(QueueAttributes, TheTwoEncryptionsExcludeOneAnother) {
    EXPECT_THAT(
        refusal_of(
            define_queue(kPlace, "q", {{"KmsMasterKeyId", "k"}, {"SqsManagedSseEnabled", "true"}})
        ),
        HasSubstr("one type of server-side encryption")
    );
    EXPECT_NE(refusal_of(define_queue(kPlace, "q", {{"KmsMasterKeyId", "\x01"}})), "");
    const auto with_key = defined("q", {{"KmsMasterKeyId", "k"}});
    EXPECT_EQ(shown(with_key).at("SqsManagedSseEnabled"), "false");
    EXPECT_EQ(shown(with_key).at("KmsDataKeyReusePeriodSeconds"), "300");
    const auto back = std::get<QueueDefinition>(
        change_attributes(kPlace, with_key, {{"SqsManagedSseEnabled", "true"}})
    );
    EXPECT_FALSE(shown(back).contains("KmsMasterKeyId"));
}

TEST(QueueAttributes, TheEmptyTextRemovesAPolicy) {
    const auto with = defined(
        "q",
        {{"Policy", R"({"Statement":[]})"},
         {"RedrivePolicy",
          R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:d","maxReceiveCount":3})"}}
    );
    EXPECT_EQ(with.redrive, (RedrivePolicy{"d", 3}));
    const auto without = std::get<QueueDefinition>(
        change_attributes(kPlace, with, {{"Policy", ""}, {"RedrivePolicy", ""}})
    );
    EXPECT_EQ(without, defined("q"));
    EXPECT_THAT(refusal_of(define_queue(kPlace, "q", {{"Policy", "[]"}})), HasSubstr("Policy"));
}

TEST(RedrivePolicies, NeedAQueueAndACount) {
    const std::string arn = R"("deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:d")";
    EXPECT_EQ(
        refusal_of(parse_redrive_policy(kPlace, "{" + arn + R"(,"maxReceiveCount":"7"})")), ""
    );
    for (const auto& bad :
         {std::string{"x"},
          "{" + arn + "}",
          std::string{R"({"maxReceiveCount":1})"},
          "{" + arn + R"(,"maxReceiveCount":0})",
          "{" + arn + R"(,"maxReceiveCount":1001})",
          "{" + arn + R"(,"maxReceiveCount":"many"})",
          "{" + arn + R"(,"maxReceiveCount":1,"other":2})",
          std::string{R"({"deadLetterTargetArn":"d","maxReceiveCount":1})"}}) {
        EXPECT_THAT(
            refusal_of(parse_redrive_policy(kPlace, bad)), HasSubstr("invalid_parameter_value")
        ) << bad;
    }
}

TEST(RedriveAllowPolicies, ReadBackAsTheyAreShown) {
    for (const auto* good :
         {R"({"redrivePermission":"allowAll"})",
          R"({"redrivePermission":"denyAll"})",
          R"({"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:123456789012:s"]})"}) {
        const auto policy = parse_redrive_allow_policy(kPlace, good);
        ASSERT_EQ(refusal_of(policy), "") << good;
        EXPECT_EQ(show(kPlace, std::get<RedriveAllowPolicy>(policy)), good);
    }
    for (const auto* bad :
         {"{}",
          R"({"redrivePermission":"some"})",
          R"({"redrivePermission":"byQueue"})",
          R"({"redrivePermission":"byQueue","sourceQueueArns":[]})",
          R"({"redrivePermission":"byQueue","sourceQueueArns":["s"]})",
          R"({"redrivePermission":"allowAll","sourceQueueArns":[]})"}) {
        EXPECT_NE(refusal_of(parse_redrive_allow_policy(kPlace, bad)), "") << bad;
    }
}

TEST(QueueTags, HaveLimits) {
    EXPECT_EQ(
        std::get<Tags>(add_tags("q", {{"a", "1"}, {"b", "2"}}, {{"a", "3"}})),
        (Tags{{"a", "3"}, {"b", "2"}})
    );
    Tags many;
    for (int i = 0; i < 50; ++i) {
        many.emplace("key" + std::to_string(i), "");
    }
    EXPECT_EQ(refusal_of(add_tags("q", {}, many)), "");
    EXPECT_NE(refusal_of(add_tags("q", many, {{"other", ""}})), "");
    for (const auto& bad :
         {Tags{{"", ""}},
          Tags{{std::string(129, 'k'), ""}},
          Tags{{"k", std::string(257, 'v')}},
          Tags{{"aws:x", ""}},
          Tags{{"\xff", ""}}}) {
        EXPECT_NE(refusal_of(add_tags("q", {}, bad)), "");
    }
}

}  // namespace
}  // namespace kiln::queue
