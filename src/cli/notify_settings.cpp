#include "cli/notify_settings.hpp"

#include "base/error.hpp"
#include "cli/words.hpp"
#include "net/url.hpp"
#include "os/fd.hpp"

#include <fmt/format.h>

namespace kiln::cli {

namespace {

constexpr std::size_t kMostTexts = 1U << 20;
constexpr std::int64_t kMostAttempts = 1000;
constexpr std::uint16_t kSubmission = 587;   ///< RFC 6409
constexpr std::uint16_t kSubmissions = 465;  ///< RFC 8314

/// What is wrong with a text, as the function that reads it says; what it reads is not wanted.
template <class Read>
std::optional<std::string> problem_of(Read read) {
    try {
        static_cast<void>(read());
        return std::nullopt;
    } catch (const Error& error) {
        return error.message();
    }
}

std::vector<notify::Kind> kinds_of(const std::string& text) {
    std::vector<notify::Kind> kinds;
    for (const auto& word : words_of(text)) {
        kinds.push_back(notify::parse_kind(word));
    }
    return kinds;
}

/// "A <a@b>; c@d, e@f": a name may hold a comma only in quotes.
std::vector<notify::MailAddress> addresses_of(std::string_view text) {
    std::vector<notify::MailAddress> addresses;
    std::string one;
    bool quoted = false;
    const auto take = [&] {
        const auto first = one.find_first_not_of(' ');
        if (first != std::string::npos) {
            const auto last = one.find_last_not_of(' ');
            addresses.push_back(
                notify::parse_mail_address(std::string_view{one}.substr(first, last - first + 1))
            );
        }
        one.clear();
    };
    for (const char c : text) {
        quoted = c == '"' ? !quoted : quoted;
        if (c == ',' && !quoted) {
            take();
        } else {
            one += c;
        }
    }
    take();
    return addresses;
}

net::SmtpServer server_of(const NotifyConfig& config) {
    const auto url = net::parse_url(config.smtp);
    const bool implicit = url.scheme == "smtps";
    if ((!implicit && url.scheme != "smtp") || url.path != "/" || !url.user.empty() ||
        !url.query.empty()) {
        throw Error{ErrorKind::invalid, "it is neither smtp://HOST:PORT nor smtps://HOST:PORT"};
    }
    net::SmtpServer server;
    server.host = url.host;
    server.port = url.port.value_or(implicit ? kSubmissions : kSubmission);
    using Tls = net::SmtpServer::Tls;
    server.tls = implicit ? Tls::implicit : config.smtp_tls == "none" ? Tls::none : Tls::starttls;
    server.user = config.smtp_user;
    server.password = config.smtp_password;
    return server;
}

std::optional<std::string> hook_problem(const std::string& text) {
    if (text.empty()) {
        return std::nullopt;
    }
    // The message does not repeat it: it is a secret.
    return problem_of([&] {
        if (auto problem = net::fetch_problem(net::parse_url(text))) {
            throw Error{ErrorKind::invalid, *problem};
        }
    });
}

std::optional<std::string> smtp_problem(const std::string& text) {
    NotifyConfig config;
    config.smtp = text;
    return text.empty() ? std::nullopt : problem_of([&] { return server_of(config); });
}

std::optional<std::string> addresses_problem(const std::string& text) {
    return problem_of([&] { return addresses_of(text); });
}

std::optional<std::string> kinds_problem(const std::string& text) {
    return problem_of([&] { return kinds_of(text); });
}

std::optional<std::string> secrets_problem(const std::string& text) {
    for (const auto& secret : words_of(text)) {
        if (auto problem = notify::web_hook_secret_problem(secret)) {
            return problem;
        }
    }
    return std::nullopt;
}

std::optional<std::string> queue_problem(const std::string& text) {
    return text.empty() ? std::nullopt
                        : problem_of([&] { return ports::parse_queue_reference(text); });
}

using Check = std::optional<std::string> (*)(const std::string&);

Setting text_setting(std::string name, std::string help, Check check, std::string fallback = "") {
    Setting setting{
        .name = std::move(name),
        .type = Setting::Type::text,
        .fallback = std::move(fallback),
        .help = std::move(help)};
    if (check != nullptr) {
        setting.check = check;
    }
    return setting;
}

Setting secret_setting(std::string name, std::string help, Check check) {
    auto setting = text_setting(std::move(name), std::move(help), check);
    setting.secret = Setting::Secret::yes;
    return setting;
}

Setting events_setting(const std::string& channel) {
    return text_setting(
        "notify." + channel + "_events",
        "The kinds of events that go there, blanks between; empty: all.",
        kinds_problem
    );
}

/// One of two that make sense together only.
void require(
    const std::string& given,
    std::string_view name,
    std::string_view with,
    std::vector<Problem>& problems
) {
    if (given.empty()) {
        problems.push_back({std::string{name}, fmt::format("{} needs it", with)});
    }
}

}  // namespace

std::vector<Setting> notify_settings() {
    using enum Setting::Type;
    return {
        secret_setting(
            "notify.slack_hook",
            "The https URL of an incoming hook of Slack; empty: none.",
            hook_problem
        ),
        text_setting(
            "notify.slack_channel",
            "The channel for what names none; empty: the hook's own.",
            nullptr
        ),
        text_setting("notify.slack_username", "Who it comes from, in Slack.", nullptr, "kiln"),
        text_setting("notify.slack_icon", "Its icon there.", nullptr, ":package:"),
        events_setting("slack"),
        text_setting(
            "notify.smtp",
            "The server that takes mail, smtp://HOST:PORT or smtps://HOST:PORT; empty: none.",
            smtp_problem
        ),
        {"notify.smtp_tls",
         choice,
         "required",
         "Whether smtp:// asks for STARTTLS, without which it says nothing.",
         {"required", "none"}},
        text_setting("notify.smtp_user", "The login at that server; empty: no login.", nullptr),
        secret_setting("notify.smtp_password", "Its password.", nullptr),
        text_setting("notify.mail_from", "The address that mail comes from.", addresses_problem),
        text_setting(
            "notify.mail_to", "The addresses that mail goes to, commas between.", addresses_problem
        ),
        events_setting("mail"),
        secret_setting("notify.webhook", "An https URL that events are posted to.", hook_problem),
        secret_setting(
            "notify.webhook_secret",
            "What signs them, 16 bytes or more; two, a blank between, while one takes the place of "
            "the other.",
            secrets_problem
        ),
        events_setting("webhook"),
        text_setting("notify.queue", "A queue that events are sent to.", queue_problem),
        events_setting("queue"),
        {"notify.texts", path, "", "A file (JSON) with texts in place of kiln's own."},
        {"notify.attempts",
         whole,
         "12",
         "So often one notification is tried on one channel.",
         {},
         1,
         kMostAttempts},
        {"notify.keep",
         duration,
         "14d",
         "Notifications that were sent or given up are remembered so long."},
    };
}

NotifyConfig notify_config(const Settings& settings) {
    const auto text = [&](std::string_view name) {
        return settings.text(fmt::format("notify.{}", name));
    };
    NotifyConfig config;
    config.slack_hook = text("slack_hook");
    config.slack_channel = text("slack_channel");
    config.slack_username = text("slack_username");
    config.slack_icon = text("slack_icon");
    config.slack_events = text("slack_events");
    config.smtp = text("smtp");
    config.smtp_tls = text("smtp_tls");
    config.smtp_user = text("smtp_user");
    config.smtp_password = text("smtp_password");
    config.mail_from = text("mail_from");
    config.mail_to = text("mail_to");
    config.mail_events = text("mail_events");
    config.web_hook = text("webhook");
    config.web_hook_secret = text("webhook_secret");
    config.web_hook_events = text("webhook_events");
    config.queue = text("queue");
    config.queue_events = text("queue_events");
    config.texts = text("texts");
    config.attempts = settings.whole("notify.attempts");
    config.keep = settings.duration("notify.keep");
    return config;
}

namespace {

std::vector<Problem> missing_settings(const NotifyConfig& config) {
    std::vector<Problem> problems;
    if (!config.smtp.empty()) {
        require(config.mail_from, "notify.mail_from", "notify.smtp", problems);
        require(config.mail_to, "notify.mail_to", "notify.smtp", problems);
    }
    if (!config.smtp_user.empty()) {
        require(config.smtp_password, "notify.smtp_password", "notify.smtp_user", problems);
    }
    if (!config.web_hook.empty()) {
        require(config.web_hook_secret, "notify.webhook_secret", "notify.webhook", problems);
    }
    return problems;
}

}  // namespace

notify::Settings read_notify_config(const NotifyConfig& config) {
    if (auto problems = missing_settings(config); !problems.empty()) {
        throw Error{"settings of notifications are missing", std::move(problems)};
    }
    notify::Settings out;
    if (!config.slack_hook.empty()) {
        out.slack.emplace();
        out.slack->options = {
            config.slack_hook, config.slack_channel, config.slack_username, config.slack_icon};
        out.slack->kinds = kinds_of(config.slack_events);
    }
    if (!config.smtp.empty()) {
        out.mail.emplace();
        out.mail->options = {
            server_of(config), addresses_of(config.mail_from).at(0), addresses_of(config.mail_to)};
        out.mail->kinds = kinds_of(config.mail_events);
    }
    if (!config.web_hook.empty()) {
        out.web_hook.emplace();
        out.web_hook->options = {config.web_hook, words_of(config.web_hook_secret)};
        out.web_hook->kinds = kinds_of(config.web_hook_events);
    }
    if (!config.queue.empty()) {
        out.queue.emplace();
        out.queue->options = ports::parse_queue_reference(config.queue);
        out.queue->kinds = kinds_of(config.queue_events);
    }
    if (!config.texts.empty()) {
        out.texts = notify::Texts::parse(os::read_file(config.texts, kMostTexts));
    }
    out.policy.attempts = config.attempts;
    out.keep = config.keep;
    return out;
}

}  // namespace kiln::cli
