#include "queue/codec.hpp"
#include "queue/tests/engine_fixture.hpp"

namespace kiln::queue::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Queues : public EngineTest {};

QueueDefinition everything(QueueDefinition definition) {
    definition.delay = seconds{1};
    definition.maximum_message_bytes = 2048;
    definition.retention = seconds{60};
    definition.receive_wait = seconds{3};
    definition.visibility = seconds{4};
    definition.policy = R"({"Version":"2012-10-17"})";
    definition.redrive = RedrivePolicy{"dead", 7};
    definition.redrive_allow =
        RedriveAllowPolicy{RedriveAllowPolicy::Permission::by_queue, {"a", "b"}};
    definition.kms_key = "alias/x";
    definition.kms_reuse = seconds{300};
    definition.sqs_managed_sse = false;
    definition.tags = {{"k", "v"}, {"ü", ""}};
    definition.created = TimePoint{Duration{1}};
    definition.modified = TimePoint{Duration{2}};
    return definition;
}

TEST(Codec, ADefinitionIsReadBackAsItWasWritten) {
    QueueDefinition plain;
    plain.name = "plain";
    auto full = everything(plain);
    full.fifo = FifoSettings{
        true,
        DeduplicationScope::message_group,
        ThroughputLimit::per_message_group_id,
        DeduplicationScope::queue};
    for (const auto& definition : {plain, full}) {
        EXPECT_EQ(read_definition(write_definition(definition)), definition);
    }
}

TEST(Codec, WhatItDidNotWriteIsCorrupt) {
    EXPECT_THROW(static_cast<void>(read_definition("{}")), Error);
    EXPECT_THROW(static_cast<void>(read_move_task("[1]")), Error);
}

TEST(Definition, TheFirstDifferenceIsAmongTheGivenAttributes) {
    QueueDefinition plain;
    const auto full = everything(plain);
    using enum Attribute;
    EXPECT_EQ(first_difference(plain, full, {}), std::nullopt);
    EXPECT_EQ(first_difference(plain, plain, {delay_seconds, policy}), std::nullopt);
    for (const auto attribute :
         {delay_seconds,
          maximum_message_size,
          message_retention_period,
          policy,
          receive_message_wait_time_seconds,
          visibility_timeout,
          redrive_policy,
          redrive_allow_policy,
          kms_master_key_id,
          kms_data_key_reuse_period_seconds,
          sqs_managed_sse_enabled}) {
        EXPECT_EQ(first_difference(plain, full, {attribute}), attribute) << to_string(attribute);
    }
    auto fifo = plain;
    fifo.fifo = FifoSettings{
        true, DeduplicationScope::message_group, ThroughputLimit::per_message_group_id};
    for (const auto attribute :
         {fifo_queue, content_based_deduplication, deduplication_scope, fifo_throughput_limit}) {
        EXPECT_EQ(first_difference(plain, fifo, {attribute}), attribute) << to_string(attribute);
    }
}

TEST_F(Queues, CreatingTheSameAgainIsSuccess) {
    auto wanted = standard("q");
    wanted.delay = seconds{5};
    const auto first = std::get<DefinitionPtr>(create(wanted, {Attribute::delay_seconds}));
    EXPECT_EQ(first->created, wall_.now());
    EXPECT_EQ(engine_->find("q"), first);
    advance(seconds{1});
    EXPECT_EQ(std::get<DefinitionPtr>(create(wanted, {Attribute::delay_seconds})), first);
    EXPECT_EQ(std::get<DefinitionPtr>(create(standard("q"))), first);
    const auto other = create(standard("q"), {Attribute::delay_seconds});
    ASSERT_EQ(code_of(other), RefusalCode::queue_name_exists);
    EXPECT_EQ(
        std::get<Refusal>(other).message,
        "A queue already exists with the same name and a different value for attribute DelaySeconds"
    );
}

TEST_F(Queues, ANameIsFreeAMinuteAfterTheDeletion) {
    ASSERT_DONE(create(standard("q")));
    send("q", "a");
    EXPECT_DONE(destroy("q"));
    EXPECT_EQ(engine_->find("q"), nullptr);
    EXPECT_EQ(code_of(create(standard("q"))), RefusalCode::queue_deleted_recently);
    advance(seconds{30});
    restart();
    advance(seconds{30} - Duration{1});
    EXPECT_EQ(code_of(create(standard("q"))), RefusalCode::queue_deleted_recently);
    advance(Duration{1});
    EXPECT_DONE(create(standard("q")));
    EXPECT_THAT(counts("q"), ElementsAre(0, 0, 0));
    EXPECT_THAT(disk_messages(), IsEmpty());
    counts("q");
    EXPECT_THAT(disk_.queues(), SizeIs(1));
}

TEST_F(Queues, ChangesAreKept) {
    ASSERT_DONE(create(standard("q")));
    advance(seconds{5});
    Answer<DefinitionPtr> changed;
    engine_->update(
        "q",
        [](QueueDefinition definition) {
            definition.name = "another";
            definition.visibility = seconds{77};
            definition.fifo = FifoSettings{};
            definition.tags["a"] = "b";
            return definition;
        },
        changed.callback()
    );
    ASSERT_DONE(changed.get());
    for (int i = 0; i < 2; ++i) {
        const auto found = engine_->find("q");
        ASSERT_NE(found, nullptr);
        EXPECT_EQ(found->name, "q");
        EXPECT_EQ(found->visibility, seconds{77});
        EXPECT_EQ(found->fifo, std::nullopt);
        EXPECT_THAT(found->tags, SizeIs(1));
        EXPECT_EQ(found->modified - found->created, seconds{5});
        restart();
    }
}

TEST_F(Queues, AChangeMayRefuse) {
    ASSERT_DONE(create(standard("q")));
    Answer<DefinitionPtr> refused_change;
    engine_->update(
        "q",
        [](const QueueDefinition&) -> Outcome<QueueDefinition> {
            return Refusal{RefusalCode::invalid_attribute_value, "no"};
        },
        refused_change.callback()
    );
    EXPECT_EQ(code_of(refused_change.get()), RefusalCode::invalid_attribute_value);
}

TEST_F(Queues, NamesAreListedInPages) {
    for (const auto* name : {"b2", "a", "b1", "c", "b3"}) {
        ASSERT_DONE(create(standard(name)));
    }
    EXPECT_THAT(engine_->list("", "", 10).names, ElementsAre("a", "b1", "b2", "b3", "c"));
    auto page = engine_->list("b", "", 2);
    EXPECT_THAT(page.names, ElementsAre("b1", "b2"));
    ASSERT_EQ(page.more, "b2");
    page = engine_->list("b", *page.more, 2);
    EXPECT_THAT(page.names, ElementsAre("b3"));
    EXPECT_EQ(page.more, std::nullopt);
    EXPECT_THAT(engine_->list("x", "", 2).names, IsEmpty());
}

TEST_F(Queues, APurgeTakesEverythingAndOnlyWhatWasThere) {
    auto slow = standard("q");
    ASSERT_DONE(create(slow));
    for (int i = 0; i < 3; ++i) {
        send("q", "old");
    }
    auto delayed = message("delayed");
    delayed.delay = seconds{5};
    send("q", delayed);
    const auto held = receive("q", 1, seconds{5});
    EXPECT_DONE(purge("q"));
    send("q", "new");
    EXPECT_THAT(counts("q"), ElementsAre(1, 0, 0));
    advance(seconds{5});
    EXPECT_THAT(bodies("q", 10, seconds{0}), ElementsAre("new"));
    EXPECT_DONE(remove("q", held[0].receipt));
    restart();
    EXPECT_THAT(bodies("q", 10, seconds{0}), ElementsAre("new"));
    EXPECT_THAT(disk_messages(), SizeIs(1));
}

TEST_F(Queues, APurgeForgetsWhatWasSent) {
    ASSERT_DONE(create(fifo("q.fifo")));
    send("q.fifo", "a", "g");
    EXPECT_DONE(purge("q.fifo"));
    send("q.fifo", "a", "g");
    EXPECT_THAT(bodies("q.fifo"), ElementsAre("a"));
}

TEST_F(Queues, APurgeIsAllowedOnceAMinute) {
    ASSERT_DONE(create(standard("q")));
    EXPECT_DONE(purge("q"));
    advance(seconds{30});
    restart();
    advance(seconds{29});
    const auto again = purge("q");
    ASSERT_EQ(code_of(again), RefusalCode::purge_queue_in_progress);
    EXPECT_EQ(
        std::get<Refusal>(again).message,
        "Only one PurgeQueue operation on q is allowed every 60 seconds."
    );
    advance(seconds{1});
    EXPECT_DONE(purge("q"));
}

TEST_F(Queues, VoidMessagesOfAQueueThatIsGoneAreSweptAfterARestart) {
    ASSERT_DONE(create(standard("q")));
    ASSERT_DONE(create(standard("r")));
    for (int i = 0; i < 20; ++i) {
        send("q", "a");
        send("r", "b");
    }
    store_.end_after(store_.applied() + 1);
    EXPECT_DONE(destroy("q"));
    engine_.reset();
    EXPECT_THAT(disk_messages(), SizeIs(40));
    FaultyStore fresh{disk_};
    Engine again{fresh, wall_, steady_};
    Answer<Depths> depths;
    again.depths("r", depths.callback());
    EXPECT_EQ(std::get<Depths>(depths.get()).visible, 20);
    Answer<Depths> second;
    again.depths("r", second.callback());
    EXPECT_DONE(second.get());
    EXPECT_THAT(disk_messages(), SizeIs(20));
}

TEST_F(Queues, TheOldestMessagesTimeIsTold) {
    ASSERT_DONE(create(standard("q")));
    EXPECT_EQ(depths("q").oldest, std::nullopt);
    const auto first = wall_.now();
    send("q", "a");
    advance(seconds{5});
    send("q", "b");
    EXPECT_EQ(depths("q").oldest, first);
    const auto got = receive("q");
    EXPECT_EQ(depths("q").oldest, first);
    EXPECT_DONE(remove("q", got[0].receipt));
    EXPECT_EQ(depths("q").oldest, first + seconds{5});
}

}  // namespace
}  // namespace kiln::queue::testing
