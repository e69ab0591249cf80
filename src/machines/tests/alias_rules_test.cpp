#include "machines/alias_rules.hpp"

#include "machines/tests/values.hpp"

namespace kiln::machines::testing {
namespace {

const std::string kOne = std::string{kArn} + ":1";
const std::string kTwo = std::string{kArn} + ":2";

struct BadRoutes {
    std::string name;
    std::vector<GivenRoute> given;
    std::string message;
};

class Routes : public ::testing::TestWithParam<BadRoutes> {};

TEST_P(Routes, AreRefusedInWordsOfAws) {
    const auto checked = check_routes(GetParam().given);
    ASSERT_TRUE(std::holds_alternative<Refusal>(checked));
    EXPECT_EQ(std::get<Refusal>(checked).code, "ValidationException");
    EXPECT_EQ(std::get<Refusal>(checked).message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Routes,
    ::testing::Values(
        BadRoutes{
            "SumTooSmall",
            {{kOne, 70}, {kTwo, 29}},
            "Sum of routing configuration weights must equal 100. Received: [70, 29]"},
        BadRoutes{
            "SumTooLarge",
            {{kOne, 70}, {kTwo, 31}},
            "Sum of routing configuration weights must equal 100. Received: [70, 31]"},
        BadRoutes{
            "SameTwice",
            {{kOne, 50}, {kOne, 50}},
            "Routing configuration must contain distinct state machine version ARNs. Received: [" +
                kOne + ", " + kOne + "]"},
        BadRoutes{
            "NoVersion",
            {{std::string{kArn}, 70}, {kTwo, 30}},
            "Routing configuration must contain state machine version ARNs. Received: [" +
                std::string{kArn} + ", " + kTwo + "]"},
        BadRoutes{
            "AliasInsteadOfAVersion",
            {{std::string{kArn} + ":live", 100}},
            "Routing configuration must contain state machine version ARNs. Received: [" +
                std::string{kArn} + ":live]"},
        BadRoutes{
            "TwoMachines",
            {{kOne, 50}, {std::string{kArn} + "2:2", 50}},
            "Routing configuration must contain versions of one state machine. Received: [" + kOne +
                ", " + std::string{kArn} + "2:2]"}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(GoodRoutes, NameTheMachineAndItsVersions) {
    const auto checked = check_routes({{kOne, 80}, {kTwo, 20}});
    ASSERT_TRUE(std::holds_alternative<CheckedRoutes>(checked));
    const auto& routes = std::get<CheckedRoutes>(checked);
    EXPECT_EQ(routes.machine_arn, kArn);
    EXPECT_THAT(routes.routes, ::testing::ElementsAre(Route{1, 80}, Route{2, 20}));
}

TEST(GoodRoutes, AreRefusedWhereTheyAreNoArns) {
    const auto checked = check_routes({{"nonsense", 100}});
    EXPECT_EQ(std::get<Refusal>(checked).code, "InvalidArn");
}

class AliasRules : public ::testing::Test {
  protected:
    Machine there_ = published(machine());
    CreateAlias live_{"live", "words", {}};
    std::vector<Route> routes_{{1, 100}};
};

TEST_F(AliasRules, TheSameAgainIsTheSameAnswer) {
    const auto first = after(create_alias(&there_, live_, routes_, facts(20)));
    const auto again = create_alias(&first, live_, routes_, facts(30));
    EXPECT_EQ(decision(again).answer.created, facts(20).now);
    EXPECT_EQ(decision(again).answer.arn, std::string{kArn} + ":live");
    EXPECT_THAT(decision(again).changes, IsEmpty());
}

TEST_F(AliasRules, AnotherDescriptionIsAConflict) {
    const auto first = after(create_alias(&there_, live_, routes_, facts()));
    live_.description = "other words";
    EXPECT_EQ(
        std::get<Refusal>(create_alias(&first, live_, routes_, facts())),
        (Refusal{
            "ConflictException",
            "Failed to create alias because an alias with the same name and a different routing "
            "configuration already exists."})
    );
}

TEST_F(AliasRules, AVersionThatIsNotThereIsRefused) {
    const std::vector<Route> elsewhere{{4, 100}};
    const Refusal absent{"ResourceNotFound", "Request references a resource that does not exist."};
    EXPECT_EQ(std::get<Refusal>(create_alias(&there_, live_, elsewhere, facts())), absent);
    EXPECT_EQ(std::get<Refusal>(create_alias(nullptr, live_, routes_, facts())), absent);
    EXPECT_EQ(std::get<Refusal>(update_alias(&there_, {"live", "x", {}}, facts())), absent);
}

TEST_F(AliasRules, AnUpdateChangesWhatItGives) {
    auto now = after(create_alias(&there_, live_, routes_, facts(20)));
    now = after(update_alias(&now, {"live", "new words", std::nullopt}, facts(30)));
    const auto& alias = now.aliases.at("live");
    EXPECT_EQ(alias.description, "new words");
    EXPECT_THAT(alias.routes, ::testing::ElementsAre(Route{1, 100}));
    EXPECT_EQ(alias.created, facts(20).now);
    EXPECT_EQ(alias.updated, facts(30).now);
}

TEST_F(AliasRules, AnUpdateToAnotherMachinesVersionsIsRefused) {
    const auto now = after(create_alias(&there_, live_, routes_, facts()));
    const CheckedRoutes other{std::string{kArn} + "2", {{1, 100}}};
    EXPECT_EQ(code_of(update_alias(&now, {"live", {}, other}, facts())), "ValidationException");
}

TEST_F(AliasRules, TheQuotaEndsThem) {
    auto limits = facts();
    limits.most_aliases = 1;
    const auto now = after(create_alias(&there_, live_, routes_, limits));
    live_.name = "second";
    EXPECT_EQ(code_of(create_alias(&now, live_, routes_, limits)), "ServiceQuotaExceededException");
}

TEST_F(AliasRules, AMachineThatIsBeingDeletedGetsNone) {
    there_.status = MachineStatus::deleting;
    EXPECT_EQ(code_of(create_alias(&there_, live_, routes_, facts())), "StateMachineDeleting");
}

TEST_F(AliasRules, DeletionTakesItAndOfNothingIsSuccess) {
    const auto now = after(create_alias(&there_, live_, routes_, facts()));
    EXPECT_THAT(after(delete_alias(&now, "live")).aliases, IsEmpty());
    EXPECT_THAT(decision(delete_alias(&there_, "live")).changes, IsEmpty());
    EXPECT_THAT(decision(delete_alias(nullptr, "live")).changes, IsEmpty());
}

struct Draw {
    std::string name;
    std::uint64_t random;
    std::int64_t version;
};

class Chosen : public ::testing::TestWithParam<Draw> {};

TEST_P(Chosen, ByWeight) {
    EXPECT_EQ(choose({{1, 80}, {2, 20}}, GetParam().random), GetParam().version);
    EXPECT_EQ(choose({{3, 100}}, GetParam().random), 3);
    EXPECT_EQ(choose({{4, 0}, {5, 100}}, GetParam().random), 5);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Chosen,
    ::testing::Values(
        Draw{"First", 0, 1},
        Draw{"LastOfTheFirst", 79, 1},
        Draw{"FirstOfTheSecond", 80, 2},
        Draw{"Last", 99, 2},
        Draw{"BeyondAHundred", 100, 1},
        Draw{"Large", ~std::uint64_t{0}, 1}
    ),
    [](const auto& tested) { return tested.param.name; }
);

}  // namespace
}  // namespace kiln::machines::testing
