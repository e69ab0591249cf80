#include "queue/policy.hpp"

#include "base/json.hpp"

#include <gmock/gmock.h>

namespace kiln::queue {
namespace {

const Place kPlace{"us-east-1", "123456789012"};

QueueDefinition added(QueueDefinition definition, const Permission& permission) {
    auto outcome = add_permission(kPlace, std::move(definition), permission);
    EXPECT_FALSE(refused(outcome));
    return std::get<QueueDefinition>(outcome);
}

RefusalCode code_of(const Outcome<QueueDefinition>& outcome) {
    return std::get<Refusal>(outcome).code;
}

Permission permission(std::string label) {
    return {std::move(label), {"111122223333"}, {"SendMessage"}};
}

TEST(Permissions, AreStatementsOfThePolicy) {
    QueueDefinition definition;
    definition.name = "q";
    definition = added(
        definition, {"two", {"111122223333", "444455556666"}, {"SendMessage", "ReceiveMessage"}}
    );
    EXPECT_EQ(
        *definition.policy,
        R"({"Version":"2008-10-17","Id":"arn:aws:sqs:us-east-1:123456789012:q/SQSDefaultPolicy",)"
        R"("Statement":[{"Sid":"two","Effect":"Allow","Principal":{"AWS":)"
        R"(["arn:aws:iam::111122223333:root","arn:aws:iam::444455556666:root"]},)"
        R"("Action":["SQS:SendMessage","SQS:ReceiveMessage"],)"
        R"("Resource":"arn:aws:sqs:us-east-1:123456789012:q"}]})"
    );
    definition = added(definition, permission("one"));
    const auto statements = parse_json(*definition.policy).at("Statement").as_array();
    ASSERT_EQ(statements.size(), 2U);
    EXPECT_EQ(statements[1].at("Principal").at("AWS"), "arn:aws:iam::111122223333:root");
    EXPECT_EQ(statements[1].at("Action"), "SQS:SendMessage");
}

TEST(Permissions, TheLastOneTakesThePolicyAlong) {
    auto definition = added(added({}, permission("a")), permission("b"));
    definition = std::get<QueueDefinition>(remove_permission(definition, "a"));
    EXPECT_EQ(parse_json(*definition.policy).at("Statement").as_array().size(), 1U);
    definition = std::get<QueueDefinition>(remove_permission(definition, "b"));
    EXPECT_EQ(definition.policy, std::nullopt);
    EXPECT_EQ(code_of(remove_permission(definition, "b")), RefusalCode::invalid_parameter_value);
}

TEST(Permissions, AreAddedToAPolicyOfTheUsersOwn) {
    QueueDefinition definition;
    definition.policy = R"({"Version":"2012-10-17","Statement":{"Effect":"Deny"}})";
    definition = added(definition, permission("a"));
    const auto document = parse_json(*definition.policy);
    EXPECT_EQ(document.at("Version"), "2012-10-17");
    EXPECT_EQ(document.at("Statement").as_array().size(), 2U);
}

TEST(Permissions, BadOnesAreRefused) {
    using enum RefusalCode;
    EXPECT_EQ(
        code_of(add_permission(kPlace, added({}, permission("a")), permission("a"))),
        invalid_parameter_value
    );
    EXPECT_EQ(code_of(add_permission(kPlace, {}, permission(""))), missing_parameter);
    EXPECT_EQ(code_of(add_permission(kPlace, {}, permission("a b"))), invalid_parameter_value);
    EXPECT_EQ(code_of(add_permission(kPlace, {}, {"a", {}, {"*"}})), missing_parameter);
    EXPECT_EQ(code_of(add_permission(kPlace, {}, {"a", {"12"}, {"*"}})), invalid_parameter_value);
    EXPECT_EQ(code_of(add_permission(kPlace, {}, {"a", {"111122223333"}, {}})), missing_parameter);
    EXPECT_EQ(
        code_of(add_permission(kPlace, {}, {"a", {"111122223333"}, {"CreateQueue"}})),
        invalid_parameter_value
    );
    EXPECT_EQ(
        code_of(
            add_permission(kPlace, {}, {"a", {"111122223333"}, std::vector<std::string>(8, "*")})
        ),
        over_limit
    );
    QueueDefinition full;
    for (int i = 0; i < 20; ++i) {
        full = added(full, permission("label" + std::to_string(i)));
    }
    EXPECT_EQ(code_of(add_permission(kPlace, full, permission("one-more"))), over_limit);
}

}  // namespace
}  // namespace kiln::queue
