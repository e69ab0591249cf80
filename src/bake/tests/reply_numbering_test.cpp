#include "bake/reply_numbering.hpp"

#include <gtest/gtest.h>

namespace kiln::bake {
namespace {

using ports::BakeState;

ports::BakeEvent event(std::string category, std::int64_t sequence, std::int64_t attempt = 1) {
    ports::BakeEvent event;
    event.category = std::move(category);
    event.sequence = sequence;
    event.attempt = attempt;
    event.message = "of the other";
    event.data = json::object{{"x", sequence}};
    return event;
}

class ReplyNumberingTest : public ::testing::Test {
  protected:
    BakeId own_ = BakeId::random();
    BakeId other_ = BakeId::random();
    ReplyNumbering numbering_{own_, 2, other_};
};

TEST_F(ReplyNumberingTest, OursBeginsWithOurOwnAccepted) {
    const auto accepted = numbering_.accepted({{"key", "k"}}, {});
    EXPECT_EQ(accepted.sequence, 1);
    EXPECT_EQ(accepted.attempt, 2);
    EXPECT_EQ(accepted.category, "ACCEPTED");
    EXPECT_EQ(
        accepted.data, (json::object{{"key", "k"}, {"attempt", 2}, {"same_as", other_.str()}})
    );
}

TEST_F(ReplyNumberingTest, NumbersAreGaplessAlthoughTheOthersAcceptedIsLeftOut) {
    (void)numbering_.accepted({}, {});
    EXPECT_EQ(numbering_.told(event("STEP", 1))->sequence, 2);
    EXPECT_FALSE(numbering_.told(event("ACCEPTED", 2)));
    const auto log = numbering_.told(event("LOG", 3));
    EXPECT_EQ(log->sequence, 3);
    EXPECT_EQ(log->attempt, 2);
    EXPECT_EQ(log->message, "of the other");
    EXPECT_EQ(log->data, (json::object{{"x", 3}}));
}

TEST_F(ReplyNumberingTest, AFurtherAttemptOfTheOtherIsTold) {
    (void)numbering_.accepted({}, {});
    EXPECT_FALSE(numbering_.told(event("ACCEPTED", 1)));
    const auto began = numbering_.told(event("ACCEPTED", 1, 2));
    EXPECT_EQ(began->sequence, 2);
    EXPECT_EQ(began->category, "LOG");
    EXPECT_NE(began->message.find("attempt 2 of " + other_.str()), std::string::npos);
}

TEST_F(ReplyNumberingTest, TheEndHasOurIdAndTheOthers) {
    (void)numbering_.accepted({}, {});
    const auto end = numbering_.end(
        BakeState::succeeded, json::object{{"bake", other_.str()}, {"image", "ami-1"}}, {}
    );
    EXPECT_EQ(end.sequence, 2);
    EXPECT_EQ(end.category, "END");
    EXPECT_EQ(end.message, "succeeded");
    EXPECT_TRUE(end.final);
    EXPECT_EQ(
        end.data,
        (json::object{
            {"bake", own_.str()}, {"image", "ami-1"}, {"attempt", 2}, {"same_as", other_.str()}})
    );
}

TEST_F(ReplyNumberingTest, ABakeIsNotTheSameAsItself) {
    ReplyNumbering numbering{own_, 2, own_};
    EXPECT_EQ(numbering.accepted({}, {}).data, (json::object{{"attempt", 2}}));
    EXPECT_EQ(
        numbering.result(json::object{}), (json::object{{"bake", own_.str()}, {"attempt", 2}})
    );
}

}  // namespace
}  // namespace kiln::bake
