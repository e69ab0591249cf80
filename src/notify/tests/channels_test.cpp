#include "base/guarded.hpp"
#include "base/testing/kind_of.hpp"
#include "net/server.hpp"
#include "notify/post.hpp"
#include "notify/settings.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/memory_queues.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::notify {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A small server that keeps what is posted, and answers what it is told to.
class Sink {
  public:
    [[nodiscard]] std::string url(const std::string& path) const { return server_.url() + path; }

    [[nodiscard]] net::Request last() { return requests_.lock()->back(); }

    void answer(net::Response response) { *answer_.lock() = std::move(response); }

  private:
    Guarded<std::vector<net::Request>> requests_;
    Guarded<net::Response> answer_;
    net::Server server_{{}, [this](net::Request request, net::Responder responder) {
                            requests_.lock()->push_back(std::move(request));
                            responder.send(*answer_.lock());
                        }};
};

Event started() {
    Event event;
    event.kind = Kind::instance_started;
    event.key = "build-1/started";
    event.build = "5f0c";
    event.instance = "i-1";
    return event;
}

void send(Channel& channel, const Event& event) {
    channel.send(event, {}, Deadline::after(std::chrono::seconds{30}));
}

struct NameRow {
    std::string name, given, shown;
};

class ChannelName : public ::testing::TestWithParam<NameRow> {};

TEST_P(ChannelName, HasOneHashIfAny) {
    EXPECT_EQ(slack_channel(GetParam().given), GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    ChannelName,
    ::testing::Values(
        NameRow{"Plain", "general", "#general"},
        NameRow{"WithHash", "#general", "#general"},
        NameRow{"Somebody", "@ada", "@ada"},
        NameRow{"AnId", "C0123456789", "C0123456789"},
        NameRow{"LooksLittleLikeAnId", "CHANNEL", "#CHANNEL"},
        NameRow{"None", "", ""}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(Slack, PostsTextChannelUsernameAndIcon) {
    Sink sink;
    const Texts texts;
    SlackChannel channel{
        {.hook = sink.url("/services/T0/B0/secret"),
         .channel = "general",
         .username = "kiln",
         .icon = ":package:"},
        texts};
    send(channel, started());
    EXPECT_EQ(sink.last().method, "POST");
    EXPECT_EQ(sink.last().target, "/services/T0/B0/secret");
    EXPECT_EQ(sink.last().headers.value_or("Idempotency-Key", ""), "build-1/started");
    EXPECT_EQ(
        parse_json(sink.last().body),
        json::value(
            {{"text", "Started instance `i-1` for instance build *5f0c*"},
             {"channel", "#general"},
             {"username", "kiln"},
             {"icon_emoji", ":package:"}}
        )
    );
}

TEST(Slack, LeavesToTheHookWhatNobodySaid) {
    auto event = started();
    const Texts texts;
    EXPECT_THAT(slack_body(event, {}, texts), Not(HasSubstr("channel")));
    event.channel = "ops";
    EXPECT_THAT(slack_body(event, {.channel = "general"}, texts), HasSubstr(R"("#ops")"));
}

TEST(Slack, NeverShowsItsHook) {
    Sink sink;
    const Texts texts;
    SlackChannel channel{{.hook = sink.url("/services/T0/B0/secret")}, texts};
    sink.answer({404, {}, "no_service\r\n"});
    try {
        send(channel, started());
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::not_found);
        EXPECT_EQ(error.message(), "127.0.0.1 answers 404: no_service");
    }
    SlackChannel away{{.hook = "http://127.0.0.1:1/services/T0/B0/secret"}, texts};
    try {
        send(away, started());
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unavailable);
        EXPECT_THAT(error.message(), Not(HasSubstr("secret")));
    }
}

TEST(Slack, IsNotSpokenToWithoutTlsElsewhere) {
    const Texts texts;
    SlackChannel channel{{.hook = "http://hooks.example/services/x"}, texts};
    EXPECT_EQ(kind_of([&] { send(channel, started()); }), ErrorKind::invalid);
}

struct StatusRow {
    unsigned status;
    std::optional<ErrorKind> kind;
};

class Answer : public ::testing::TestWithParam<StatusRow> {};

TEST_P(Answer, MeansWhetherItMayBeTakenLater) {
    const auto failure = post_failure({GetParam().status, {{"Retry-After", "7"}}, ""}, "h", {});
    EXPECT_EQ(failure ? std::optional{failure->kind()} : std::nullopt, GetParam().kind);
    if (failure) {
        EXPECT_EQ(failure->retry_after(), std::chrono::seconds{7});
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Answer,
    ::testing::Values(
        StatusRow{200, std::nullopt},
        StatusRow{204, std::nullopt},
        StatusRow{302, ErrorKind::invalid},
        StatusRow{400, ErrorKind::invalid},
        StatusRow{401, ErrorKind::denied},
        StatusRow{403, ErrorKind::denied},
        StatusRow{404, ErrorKind::not_found},
        StatusRow{408, ErrorKind::unavailable},
        StatusRow{410, ErrorKind::not_found},
        StatusRow{429, ErrorKind::exhausted},
        StatusRow{500, ErrorKind::unavailable},
        StatusRow{503, ErrorKind::unavailable}
    ),
    [](const auto& tested) { return std::to_string(tested.param.status); }
);

TEST(WebHookChannelTest, PostsWhatItsReceiverCanVerify) {
    Sink sink;
    const ports::testing::FakeClock clock;
    const std::string secret = "a secret that is long enough";
    WebHookChannel channel{{.url = sink.url("/hook?a=b"), .secrets = {secret}}, clock};
    send(channel, started());
    const auto request = sink.last();
    EXPECT_EQ(web_hook_problem(request.headers, request.body, secret, clock.now()), std::nullopt);
    EXPECT_EQ(request.headers.value_or("webhook-id", ""), "build-1/started");
    EXPECT_EQ(request.headers.value_or("Content-Type", ""), "application/json");
    EXPECT_EQ(parse_json(request.body).at("type"), "instance.started");
    EXPECT_EQ(parse_json(request.body).at("data").at("instance"), "i-1");
}

TEST(WebHookChannelTest, AKeyThatWouldEndAHeaderFieldIsRefused) {
    Sink sink;
    const ports::testing::FakeClock clock;
    WebHookChannel channel{
        {.url = sink.url("/"), .secrets = {"a secret that is long enough"}}, clock};
    auto event = started();
    event.key = "a\r\nX-Admin: yes";
    EXPECT_EQ(kind_of([&] { send(channel, event); }), ErrorKind::invalid);
}

TEST(Queue, GetsTheEventWithItsKindAndKey) {
    const ports::testing::FakeClock clock;
    ports::testing::MemoryQueues queues{clock};
    queues.create({.name = "told"});
    QueueChannel channel{"told", [&]() -> auto& {return queues;
}
};  // namespace

send(channel, started());
const auto sent = queues.sent("told");
ASSERT_EQ(sent.size(), 1U);
EXPECT_EQ(parse_json(sent[0].body), json::value(event_json(started())));
EXPECT_EQ(sent[0].attributes.at("kind").value, "instance.started");
EXPECT_EQ(sent[0].attributes.at("key").value, "build-1/started");
EXPECT_EQ(sent[0].deduplication, "");
}  // namespace kiln::notify

TEST(Queue, ThatIsFifoTakesAnEventOnce) {
    const auto message = message_of(started(), "told.fifo");
    EXPECT_EQ(message.group, "kiln");
    EXPECT_EQ(message.deduplication, message_of(started(), "told.fifo").deduplication);
    EXPECT_EQ(message.deduplication.size(), 64U);
}

TEST(Channels, AreThoseThatAreSetUp) {
    const ports::testing::FakeClock clock;
    const QueueOf none = [](const auto&) -> ports::MessageQueue& {
        throw Error{ErrorKind::unavailable, "away"};
    };
    Settings settings;
    EXPECT_TRUE(make_channels(settings, clock, none).empty());
    EXPECT_TRUE(routes_of(settings).empty());
    settings.slack.emplace();
    settings.mail.emplace().kinds = {Kind::work_failed};
    settings.web_hook.emplace();
    settings.queue.emplace();
    const auto channels = make_channels(settings, clock, none);
    const auto routes = routes_of(settings);
    ASSERT_EQ(channels.size(), 4U);
    ASSERT_EQ(routes.size(), 4U);
    for (std::size_t i = 0; i < channels.size(); ++i) {
        EXPECT_EQ(channels[i]->name(), routes[i].channel);
    }
    EXPECT_EQ(routes[1].kinds, std::vector{Kind::work_failed});
    EXPECT_EQ(kind_of([&] { send(*channels[3], started()); }), ErrorKind::unavailable);
}

}  // namespace
}  // namespace kiln::notify
