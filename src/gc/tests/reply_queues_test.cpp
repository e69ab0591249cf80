#include "gc/reply_queues.hpp"

#include <gmock/gmock.h>

namespace kiln::gc {
namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr TimePoint kNow{Duration{1'767'225'600'000'000}};
constexpr Duration kKeep = days{2};

struct Row {
    std::string name;
    Duration age;   ///< of the queue
    Duration idle;  ///< since its last use
    std::map<std::string, std::string> tags;
    std::vector<std::string> reply_to;  ///< one bake each, ended four days ago
    bool goes;
};

ports::BakeRecord bake(const std::string& reply_to, std::optional<Duration> ended_before) {
    ports::BakeRecord record;
    record.id = BakeId::random();
    record.request = {{"reply_to", reply_to}};
    record.created = kNow - days{5};
    record.state = ended_before ? ports::BakeState::succeeded : ports::BakeState::running;
    if (ended_before) {
        record.ended = kNow - *ended_before;
    }
    return record;
}

class ReplyQueue : public ::testing::TestWithParam<Row> {};

TEST_P(ReplyQueue, GoesOrStays) {
    const auto& row = GetParam();
    std::vector<ports::BakeRecord> bakes;
    for (const auto& name : row.reply_to) {
        bakes.push_back(bake(name, days{4}));
    }
    const ports::QueueUse queue{"replies", kNow - row.age, kNow - row.idle, 3, row.tags};
    EXPECT_EQ(plan_reply_queues({queue}, bakes, kKeep, kNow).size(), row.goes ? 1U : 0U);
}

const std::map<std::string, std::string> kReply{{"kiln:reply", ""}};

INSTANTIATE_TEST_SUITE_P(
    Table,
    ReplyQueue,
    ::testing::Values(
        Row{"OfOneBake", days{4}, days{4}, {}, {"replies"}, true},
        Row{"WithTheDriversName", days{4}, days{4}, {}, {"kiln:replies"}, true},
        Row{"Tagged", days{4}, days{4}, kReply, {}, true},
        Row{"TaggedAndOfMany", days{4}, days{4}, kReply, {"replies", "replies"}, true},
        Row{"MailboxOfMany", days{4}, days{4}, {}, {"replies", "replies"}, false},
        Row{"NoReplyQueue", days{4}, days{4}, {}, {"other"}, false},
        Row{"OfAnotherDriver", days{4}, days{4}, {}, {"sqs:replies"}, false},
        Row{"JustUsed", days{4}, hours{47}, {}, {"replies"}, false},
        Row{"JustMade", hours{47}, hours{47}, kReply, {}, false},
        Row{"IdleJustLongEnough", days{4}, days{2}, {}, {"replies"}, true},
        Row{"Kept", days{4}, days{4}, {{"keep", ""}}, {"replies"}, false}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(ReplyQueues, OneThatARunningBakeNamesStays) {
    const ports::QueueUse queue{"replies", kNow - days{9}, kNow - days{9}, 0, {}};
    EXPECT_TRUE(plan_reply_queues({queue}, {bake("replies", std::nullopt)}, kKeep, kNow).empty());
    EXPECT_TRUE(plan_reply_queues({queue}, {bake("replies", hours{3})}, kKeep, kNow).empty());
}

TEST(ReplyQueues, TheReasonNamesTheLastUseAndWhatIsInIt) {
    const ports::QueueUse queue{"replies", kNow - days{9}, kNow - days{9}, 1, {}};
    const auto verdicts = plan_reply_queues({queue}, {bake("replies", days{8})}, kKeep, kNow);
    ASSERT_EQ(verdicts.size(), 1U);
    EXPECT_EQ(
        verdicts[0].why,
        "a reply queue, last used " + format_time(kNow - days{9}) + ", with 1 message left"
    );
}

TEST(ReplyQueues, ARequestWithoutOneNamesNone) {
    ports::BakeRecord record;
    record.request = {{"reply_to", nullptr}};
    const ports::QueueUse queue{"", kNow - days{9}, kNow - days{9}, 0, {}};
    EXPECT_TRUE(plan_reply_queues({queue}, {record, {}}, kKeep, kNow).empty());
}

}  // namespace
}  // namespace kiln::gc
