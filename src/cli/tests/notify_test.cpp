#include "base/error.hpp"
#include "cli/notify_settings.hpp"
#include "os/files.hpp"
#include "verbs_fixture.hpp"

#include <fstream>

#include <gmock/gmock.h>

namespace kiln::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class FakeChannel final : public notify::Channel {
  public:
    FakeChannel(std::string name, std::optional<Error> failure)
        : name_{std::move(name)}, failure_{std::move(failure)} {}

    [[nodiscard]] std::string_view name() const noexcept override { return name_; }

    void send(const notify::Event& event, const std::stop_token&, Deadline) override {
        EXPECT_EQ(event.kind, notify::Kind::test);
        if (failure_) {
            throw *failure_;
        }
    }

  private:
    std::string name_;
    std::optional<Error> failure_;
};

class NotifyVerbs : public testing::VerbsTest {
  protected:
    void add(const std::string& name, std::optional<Error> failure = std::nullopt) {
        world.channels.push_back(std::make_unique<FakeChannel>(name, std::move(failure)));
    }
};

TEST_F(NotifyVerbs, ATestTellsEachChannel) {
    add("slack");
    add("mail");
    EXPECT_EQ(run({"notify", "test"}), 0);
    EXPECT_EQ(out, "slack: sent\nmail: sent\n");
}

TEST_F(NotifyVerbs, ATestTellsOnlyTheChannelThatIsNamed) {
    add("slack");
    add("mail");
    EXPECT_EQ(run({"notify", "test", "--channel", "mail"}), 0);
    EXPECT_EQ(out, "mail: sent\n");
}

TEST_F(NotifyVerbs, ATestThatFailsSaysWhereAndStillTellsTheOthers) {
    add("slack", Error{ErrorKind::denied, "the hook answers 403"});
    add("mail");
    EXPECT_EQ(run({"notify", "test"}), 3);
    EXPECT_EQ(out, "slack: the hook answers 403\nmail: sent\n");
}

TEST_F(NotifyVerbs, ATestWithoutChannelsSaysWhatToSet) {
    EXPECT_EQ(run({"notify", "test"}), 4);
    EXPECT_THAT(err, HasSubstr("notify.slack_hook"));
    add("slack");
    EXPECT_EQ(run({"notify", "test", "--channel", "mail"}), 4);
    EXPECT_THAT(err, HasSubstr("there is slack"));
}

TEST_F(NotifyVerbs, AListShowsTheOutcome) {
    notify::Event event;
    event.key = "a";
    event.kind = notify::Kind::work_failed;
    world.notifications.add(
        {{.key = "a",
          .channel = "mail",
          .kind = "work.failed",
          .event = notify::write_event(event),
          .state = ports::NotificationState::failed,
          .attempts = 12,
          .error = "no answer",
          .ended = TimePoint{}},
         {.key = "b", .channel = "slack", .kind = "test", .event = notify::write_event(event)}}
    );
    EXPECT_EQ(run({"notify", "list"}), 0);
    EXPECT_THAT(out, HasSubstr("no answer"));
    EXPECT_THAT(out, HasSubstr("slack"));
    EXPECT_EQ(run({"notify", "list", "--state", "failed"}), 0);
    EXPECT_THAT(out, Not(HasSubstr("slack")));
    EXPECT_EQ(run({"notify", "list", "--channel", "mail", "--json"}), 0);
    const auto all = parse_json(out).as_array();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].at("attempts"), 12);
    EXPECT_EQ(all[0].at("event").at("type"), "work.failed");
    EXPECT_EQ(run({"notify", "list", "--limit", "0"}), 2);
}

class NotifySettings : public ::testing::Test {
  protected:
    /// @param flags  NAME=VALUE, without "notify."
    notify::Settings read(const std::vector<std::string>& flags) {
        SettingSources sources;
        for (const auto& flag : flags) {
            sources.flags.push_back("notify." + flag);
        }
        return read_notify_config(notify_config(Settings::resolve(notify_settings(), sources)));
    }

    std::string refusal(const std::vector<std::string>& flags) {
        try {
            (void)read(flags);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid);
            return error.message();
        }
        ADD_FAILURE() << "was taken";
        return "";
    }
};

TEST_F(NotifySettings, SetUpNothingByThemselves) {
    EXPECT_TRUE(notify::routes_of(read({})).empty());
}

TEST_F(NotifySettings, SetUpAllChannels) {
    const auto read = this->read(
        {"slack_hook=https://hooks.slack.com/services/a/b/c",
         "slack_channel=ops",
         "smtp=smtp://mail.example",
         "smtp_user=me",
         "smtp_password=pass",
         "mail_from=Kiln <kiln@example.org>",
         "mail_to=\"A, B\" <a@example.org>, c@example.org",
         "mail_events=work.failed instance.failed",
         "webhook=https://example.org/hook",
         "webhook_secret=sixteen-bytes-or-more and-another-one-of-these",
         "queue=kiln:told"}
    );
    EXPECT_EQ(read.slack->options.channel, "ops");
    EXPECT_EQ(read.slack->options.username, "kiln");
    EXPECT_EQ(read.mail->options.server.port, 587);
    EXPECT_EQ(read.mail->options.server.tls, net::SmtpServer::Tls::starttls);
    EXPECT_EQ(read.mail->options.from.name, "Kiln");
    ASSERT_EQ(read.mail->options.to.size(), 2U);
    EXPECT_EQ(read.mail->options.to[0].name, "A, B");
    EXPECT_EQ(read.mail->kinds.size(), 2U);
    EXPECT_EQ(read.web_hook->options.secrets.size(), 2U);
    EXPECT_EQ(read.queue->options.name, "told");
}

TEST_F(NotifySettings, KnowTheKindsOfTls) {
    const std::vector<std::string> mail{"mail_from=a@b", "mail_to=c@d"};
    const auto server = [&](std::vector<std::string> more) {
        more.insert(more.end(), mail.begin(), mail.end());
        return read(more).mail->options.server;
    };
    EXPECT_EQ(server({"smtp=smtps://h"}).tls, net::SmtpServer::Tls::implicit);
    EXPECT_EQ(server({"smtp=smtps://h"}).port, 465);
    EXPECT_EQ(server({"smtp=smtp://h:25", "smtp_tls=none"}).tls, net::SmtpServer::Tls::none);
}

TEST_F(NotifySettings, ThatMissOneAnotherAreAllNamed) {
    const auto said = refusal({"smtp=smtp://h", "smtp_user=me", "webhook=https://h/x"});
    for (const auto* name :
         {"notify.mail_from", "notify.mail_to", "notify.smtp_password", "notify.webhook_secret"}) {
        EXPECT_THAT(said, HasSubstr(name));
    }
}

struct BadRow {
    std::string name, flag, says;
};

class BadNotifySetting : public NotifySettings, public ::testing::WithParamInterface<BadRow> {};

TEST_P(BadNotifySetting, IsRefused) {
    EXPECT_THAT(refusal({GetParam().flag}), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    BadNotifySetting,
    ::testing::Values(
        BadRow{"HookWithoutTls", "slack_hook=http://hooks.example/secret", "notify.slack_hook"},
        BadRow{"NoUrl", "webhook=nothing", "notify.webhook"},
        BadRow{"SmtpPath", "smtp=smtp://h/path", "smtp://HOST:PORT"},
        BadRow{"SmtpUser", "smtp=smtp://me:pass@h", "smtp://HOST:PORT"},
        BadRow{"SmtpScheme", "smtp=https://h", "smtp://HOST:PORT"},
        BadRow{"Address", "mail_to=a@b, nobody", "'nobody' is not a mail address"},
        BadRow{"Kind", "queue_events=work.failed work.lost", "'work.lost' is no kind"},
        BadRow{"ShortSecret", "webhook_secret=short", "notify.webhook_secret: bad value"},
        BadRow{"Tls", "smtp_tls=perhaps", "notify.smtp_tls"}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST_F(NotifySettings, ThatAreSecretAreNotRepeated) {
    EXPECT_THAT(refusal({"slack_hook=http://hooks.example/secret"}), Not(HasSubstr("/secret")));
    SettingSources sources;
    sources.flags = {
        "notify.smtp_password=hidden",
        "notify.webhook_secret=0123456789abcdefhidden",
        "notify.slack_hook=https://h/hidden",
        "notify.webhook=https://h/hidden"};
    for (const auto& shown : Settings::resolve(notify_settings(), sources).shown()) {
        EXPECT_THAT(shown.value, Not(HasSubstr("hidden"))) << shown.name;
    }
}

TEST_F(NotifySettings, ReadTheFileWithTexts) {
    const auto folder = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-test");
    const auto file = folder.path() / "texts.json";
    std::ofstream{file} << R"({"test": {"plain": "mine"}})";
    const auto texts = read({"texts=" + file.string()}).texts;
    EXPECT_EQ(texts.render({}, notify::Markup::plain), "mine");
    std::ofstream{file} << R"({"test": {"plain": "{{.Nothing}}"}})";
    EXPECT_THAT(refusal({"texts=" + file.string()}), HasSubstr("'Nothing'"));
}

}  // namespace
}  // namespace kiln::cli
