#include "cli/instance_settings.hpp"

#include "base/error.hpp"
#include "cli/words.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace kiln::cli {

namespace {

/// nullopt: empty, or a URL of one of these schemes.
std::optional<std::string> scheme_problem(
    const std::string& text, const std::vector<std::string>& schemes
) {
    if (text.empty()) {
        return std::nullopt;
    }
    try {
        const auto url = net::parse_url(text);
        if (std::find(schemes.begin(), schemes.end(), url.scheme) != schemes.end()) {
            return std::nullopt;
        }
    } catch (const Error& error) {
        return error.message();
    }
    return fmt::format("it has to begin with {}://", fmt::join(schemes, ":// or "));
}

std::optional<std::string> url_problem(const std::string& text) {
    return scheme_problem(text, {"http", "https"});
}

std::optional<std::string> server_problem(const std::string& text) {
    return scheme_problem(text, {"redis", "rediss"});
}

std::optional<std::string> networks_problem(const std::string& text) {
    for (const auto& word : words_of(text)) {
        const auto slash = word.find('/');
        unsigned bits = 0;
        const auto* end = word.data() + word.size();
        const auto parsed = slash == std::string::npos
                                ? std::from_chars_result{end, std::errc::invalid_argument}
                                : std::from_chars(word.data() + slash + 1, end, bits);
        const bool six = word.find(':') != std::string::npos;
        if (parsed.ec != std::errc{} || parsed.ptr != end || bits > (six ? 128U : 32U) ||
            word.find_first_not_of("0123456789abcdefABCDEF.:/") != std::string::npos) {
            return fmt::format("'{}' is not a network, as \"10.0.0.0/8\"", word);
        }
    }
    return std::nullopt;
}

std::optional<std::string> queue_problem(const std::string& text) {
    constexpr std::size_t kLongest = 75;  // its dead jobs' queue has five characters more
    constexpr std::string_view kGood =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const bool good = !text.empty() && text.size() <= kLongest &&
                      text.find_first_not_of(kGood) == std::string::npos;
    return good ? std::nullopt
                : std::optional{
                      fmt::format("'{}' is not 1 to {} of A-Z a-z 0-9 - _", text, kLongest)};
}

std::optional<std::string> seconds_problem(const std::string& text) {
    const auto duration = parse_duration(text);
    return duration >= std::chrono::seconds{1} && duration <= std::chrono::days{366}
               ? std::nullopt
               : std::optional{fmt::format("'{}' is not from 1s to 366d", text)};
}

using Check = std::function<std::optional<std::string>(const std::string&)>;

Setting one(
    std::string name, Setting::Type type, std::string fallback, std::string help, Check check = {}
) {
    return {
        .name = "instances." + std::move(name),
        .type = type,
        .fallback = std::move(fallback),
        .help = std::move(help),
        .check = std::move(check)};
}

std::vector<Setting> job_settings() {
    using enum Setting::Type;
    auto server =
        one("queue_server",
            text,
            "",
            "Where the jobs are, redis://[:PASSWORD@]HOST[:PORT][/DB]; empty: kiln's own queues.",
            server_problem);
    server.secret = Setting::Secret::yes;
    return {
        std::move(server),
        one("builds_queue", text, "instance-builds", "The queue of builds.", queue_problem),
        one("terminations_queue",
            text,
            "instance-terminations",
            "The queue of instances that are to end.",
            queue_problem),
        one("life_cycle_queue",
            text,
            "instance-lifecycle-transitions",
            "The queue of life-cycle actions of AWS' groups.",
            queue_problem),
        {"instances.workers", whole, "4", "Jobs of each queue that are done at once.", {}, 1, 256},
        one("sync_every",
            duration,
            "30s",
            "The cloud is looked at this often, and groups are kept at their size.",
            seconds_problem),
        one("sns_topics", text, "", "ARNs of the topics whose life-cycle notices are taken."),
    };
}

}  // namespace

std::vector<Setting> instance_settings() {
    using enum Setting::Type;
    std::vector<Setting> all{
        one("url",
            text,
            "",
            "How machines reach this server, https://HOST[:PORT]; empty: its own address.",
            url_problem),
        one("script", path, "", "The template of init scripts; empty: a script that does nothing."),
        one("variables", path, "", "A file (JSON, an object of texts) with more names for it."),
        one("script_expiry",
            duration,
            "1h",
            "An init script can be fetched for so long after its build was begun.",
            seconds_problem),
        one("networks",
            text,
            "",
            "Networks that may reach port 22 of new machines, \"10.0.0.0/8 …\"; empty: none.",
            networks_problem),
        one("name_template",
            text,
            "{{.Role}}-{{.Site}}-{{.Env}}-{{.Queue}}-{{.InstanceIDWithoutPrefix}}",
            "The Name of a machine whose request has no name_template."),
        one("role", text, "worker", "The role of machines whose request has none."),
        one("slack_channel", text, "", "Where notices go whose request names no channel."),
        one("key", text, "", "The key pair of machines whose request names none."),
        {"instances.max_count", whole, "100", "Machines that one build may have.", {}, 1, 10'000},
    };
    auto jobs = job_settings();
    all.insert(
        all.end(), std::make_move_iterator(jobs.begin()), std::make_move_iterator(jobs.end())
    );
    return all;
}

InstancesConfig instances_config(const Settings& settings) {
    const auto text = [&](const char* name) {
        return settings.text(std::string{"instances."} + name);
    };
    const auto seconds = [&](const char* name) {
        return std::chrono::floor<std::chrono::seconds>(settings.duration(name));
    };
    InstancesConfig config;
    config.url = text("url");
    while (config.url.ends_with('/')) {
        config.url.pop_back();
    }
    config.script = text("script");
    config.variables = text("variables");
    config.expiry = seconds("instances.script_expiry");
    config.networks = words_of(text("networks"));
    config.name_template = text("name_template");
    config.role = text("role");
    config.channel = text("slack_channel");
    config.key = text("key");
    config.most = settings.whole("instances.max_count");
    config.queue_server = text("queue_server");
    config.builds_queue = text("builds_queue");
    config.terminations_queue = text("terminations_queue");
    config.life_cycle_queue = text("life_cycle_queue");
    config.workers = static_cast<std::size_t>(settings.whole("instances.workers"));
    config.sync_every = seconds("instances.sync_every");
    config.sns_topics = words_of(text("sns_topics"));
    return config;
}

}  // namespace kiln::cli
