#include "bake/events.hpp"

#include <gtest/gtest.h>

namespace kiln::bake {
namespace {

using jail::Stream;
using namespace std::chrono_literals;

class EventLogTest : public ::testing::Test {
  protected:
    void line(std::string_view text, Stream stream = Stream::out, bool more = false) {
        keep(log_.line(stream, {text, more}, "run", now_));
    }

    void keep(EventLog::Events events) {
        std::move(events.begin(), events.end(), std::back_inserter(events_));
    }

    void end() { keep(log_.end(ports::BakeState::succeeded, nullptr, now_)); }

    /// All LOG text, put together again by `continues`.
    std::vector<std::string> lines() const {
        std::vector<std::string> all;
        bool open = false;
        for (const auto& event : events_) {
            if (event.category != "LOG") {
                continue;
            }
            std::size_t from = 0;
            for (std::size_t i = 0; i < event.data.at("times").as_array().size(); ++i) {
                const auto to = std::min(event.message.find('\n', from), event.message.size());
                const auto part = event.message.substr(from, to - from);
                if (open) {
                    all.back() += part;
                } else {
                    all.push_back(part);
                }
                open = false;
                from = to + 1;
            }
            open = event.data.as_object().contains("continues");
        }
        return all;
    }

    void expect_sound_sequence() const {
        for (std::size_t i = 0; i < events_.size(); ++i) {
            EXPECT_EQ(events_[i].sequence, static_cast<std::int64_t>(i) + 1);
            EXPECT_EQ(events_[i].final, i + 1 == events_.size());
            EXPECT_LT(
                json::serialize(ports::to_json(BakeId::random(), events_[i])).size(),
                std::size_t{256} << 10
            );
        }
    }

    EventLog log_;
    std::vector<ports::BakeEvent> events_;
    TimePoint now_{1h};
};

TEST_F(EventLogTest, LinesShareAMessageUntilAnotherCategoryComes) {
    line("one");
    line("two");
    EXPECT_TRUE(events_.empty());
    keep(log_.step_ended("run", 1s, true, now_));
    ASSERT_EQ(events_.size(), 2U);
    EXPECT_EQ(events_[0].message, "one\ntwo");
    EXPECT_EQ(events_[1].category, "STEP");
}

TEST_F(EventLogTest, ALineWaitsForCompanyOnlySoLong) {
    line("one");
    keep(log_.due(now_ + kLogDelay - 1ms));
    EXPECT_TRUE(events_.empty());
    keep(log_.due(now_ + kLogDelay));
    ASSERT_EQ(events_.size(), 1U);
    EXPECT_FALSE(log_.waiting());
}

TEST_F(EventLogTest, StreamsAreNotMixedInOneMessage) {
    line("out");
    line("err", Stream::err);
    end();
    ASSERT_EQ(events_.size(), 3U);
    EXPECT_EQ(events_[0].data.at("stream").as_string(), "out");
    EXPECT_EQ(events_[1].data.at("stream").as_string(), "err");
}

TEST_F(EventLogTest, EachLineHasItsTime) {
    line("one");
    now_ += 42ms;
    line("two");
    end();
    const auto& times = events_[0].data.at("times").as_array();
    ASSERT_EQ(times.size(), 2U);
    EXPECT_EQ(times[0].as_int64(), 0);
    EXPECT_EQ(times[1].as_int64(), 42);
}

TEST_F(EventLogTest, ATenMegabyteLineIsSpreadAndNeverCut) {
    const std::string long_line(10'000'000, 'x');
    for (std::size_t at = 0; at < long_line.size(); at += 65536) {
        const auto part = std::string_view{long_line}.substr(at, 65536);
        line(part, Stream::out, at + 65536 < long_line.size());
    }
    line("next");
    end();
    ASSERT_EQ(lines().size(), 2U);
    EXPECT_EQ(lines()[0], long_line);
    EXPECT_EQ(lines()[1], "next");
    expect_sound_sequence();
}

TEST_F(EventLogTest, ControlCharactersThatGrowSixfoldStillFitTheQueue) {
    line(std::string(2'000'000, '\x01'));
    end();
    EXPECT_EQ(lines()[0].size(), 2'000'000U);
    expect_sound_sequence();
}

TEST_F(EventLogTest, AHundredThousandShortLinesAreFewMessages) {
    for (int i = 0; i < 100'000; ++i) {
        line("a short line");
    }
    end();
    EXPECT_EQ(lines().size(), 100'000U);
    EXPECT_LT(events_.size(), 30U);
    expect_sound_sequence();
}

TEST_F(EventLogTest, BytesThatAreNoUtf8AreReplacedAndSaidSo) {
    line(std::string_view{"a\xff\0b", 4});
    end();
    EXPECT_EQ(
        events_[0].message,
        "a\xef\xbf\xbd\xef\xbf\xbd"
        "b"
    );
    EXPECT_TRUE(events_[0].data.at("lossy").as_bool());
}

TEST_F(EventLogTest, AnEmptyLineIsALine) {
    line("");
    line("x");
    end();
    EXPECT_EQ(lines(), (std::vector<std::string>{"", "x"}));
}

TEST_F(EventLogTest, NotesOfKilnsOwnHaveNoStream) {
    keep(log_.note("going on from a checkpoint", "acquire", now_));
    ASSERT_EQ(events_.size(), 1U);
    EXPECT_FALSE(events_[0].data.as_object().contains("stream"));
}

TEST_F(EventLogTest, TheTailIsTheLastTwentyLines) {
    for (int i = 0; i < 50; ++i) {
        line(std::to_string(i));
    }
    const auto tail = log_.last_lines();
    ASSERT_EQ(tail.size(), kTailLines);
    EXPECT_EQ(tail.front(), "30");
    EXPECT_EQ(tail.back(), "49");
}

TEST_F(EventLogTest, TheTailIsBoundedInBytesToo) {
    for (int i = 0; i < 20; ++i) {
        line(std::string(3000, 'y'));
    }
    std::size_t bytes = 0;
    for (const auto& text : log_.last_lines()) {
        bytes += text.size();
    }
    EXPECT_LE(bytes, kTailBytes);
    EXPECT_GE(log_.last_lines().size(), 1U);
}

TEST_F(EventLogTest, PartsOfOneLineAreOneLineOfTheTail) {
    line("first part, ", Stream::out, true);
    line("second part");
    EXPECT_EQ(log_.last_lines(), (std::vector<std::string>{"first part, second part"}));
}

TEST_F(EventLogTest, ALineThatFitsAMessageStaysWhole) {
    line("before");
    line(std::string(150'000, 'x'));
    end();
    ASSERT_EQ(events_.size(), 2U);
    EXPECT_FALSE(events_[0].data.as_object().contains("continues"));
    EXPECT_EQ(lines().back().size(), 150'000U);
}

TEST_F(EventLogTest, TheTailKeepsTheStreamsApart) {
    line("out begins", Stream::out, true);
    line("err", Stream::err);
    line(" and goes on", Stream::out);
    EXPECT_EQ(log_.last_lines(), (std::vector<std::string>{"out begins", "err", " and goes on"}));
}

TEST_F(EventLogTest, AClockThatIsSetBackGivesNoNegativeTimes) {
    line("one");
    now_ -= 5s;
    line("two");
    end();
    EXPECT_EQ(events_[0].data.at("times").as_array()[1].as_int64(), 0);
}

TEST_F(EventLogTest, NothingCanFollowTheEnd) {
    end();
    EXPECT_DEATH(line("late"), "broken invariant");
}

}  // namespace
}  // namespace kiln::bake
