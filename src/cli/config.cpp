#include "cli/config.hpp"

#include "base/error.hpp"
#include "cli/listen.hpp"
#include "os/fd.hpp"

#include <cstdlib>
#include <thread>

#include <unistd.h>

namespace kiln::cli {

namespace {

constexpr std::string_view kSystemFile = "/etc/kiln/kiln.toml";
constexpr std::int64_t kMostBakes = 1024;
constexpr std::int64_t kDeepestChain = 200;
constexpr std::int64_t kMostConnections = 1'000'000;
constexpr std::int64_t kMostReceives =
    900;  ///< below SQS' 1000: the queue itself waits a little longer
constexpr std::int64_t kMostReady = 1000;
constexpr std::int64_t kMostHot = 64;

std::optional<std::string> account_problem(const std::string& text) {
    const bool good =
        text.size() == 12 && text.find_first_not_of("0123456789") == std::string::npos;
    return good ? std::nullopt
                : std::optional{"'" + text + "' is not an account number; one has 12 digits"};
}

std::optional<std::string> home_problem(const std::string& text) {
    return text.starts_with('/') ? std::nullopt
                                 : std::optional{"'" + text + "' is not an absolute path"};
}

/// What a request may have (bake/request.hpp), too: whole seconds, up to a week.
std::optional<std::string> whole_seconds_problem(const std::string& text) {
    const auto duration = parse_duration(text);
    const bool good = duration >= std::chrono::seconds{1} && duration <= std::chrono::days{7} &&
                      duration % std::chrono::seconds{1} == Duration{0};
    return good ? std::nullopt
                : std::optional{"'" + text + "' is not whole seconds, from 1s to 7d"};
}

std::optional<std::string> listen_problem(const std::string& text) {
    try {
        (void)parse_listen(text);
        return std::nullopt;
    } catch (const Error& error) {
        return error.message();
    }
}

std::optional<std::string> drain_problem(const std::string& text) {
    return parse_duration(text) <= std::chrono::hours{1}
               ? std::nullopt
               : std::optional{"'" + text + "' is more than an hour"};
}

std::optional<std::string> redis_time_problem(const std::string& text) {
    const auto duration = parse_duration(text);
    return duration >= std::chrono::milliseconds{10} && duration <= std::chrono::minutes{10}
               ? std::nullopt
               : std::optional{"'" + text + "' is not 10ms to 10m"};
}

std::optional<std::string> half_life_problem(const std::string& text) {
    return parse_duration(text) >= std::chrono::minutes{1}
               ? std::nullopt
               : std::optional{"'" + text + "' is too short; at least 1m"};
}

}  // namespace

Host this_host() {
    Host host;
    host.cores = std::clamp<std::int64_t>(std::thread::hardware_concurrency(), 1, kMostBakes);
    const char* user_home = std::getenv("HOME");
    host.home = ::geteuid() == 0 || user_home == nullptr || *user_home != '/'
                    ? std::filesystem::path{"/var/lib/kiln"}
                    : std::filesystem::path{user_home} / ".local/share/kiln";
    return host;
}

namespace {

std::vector<Setting> settings_but_the_engines(const Host& host) {
    using enum Setting::Type;
    const auto no = Setting::Secret::no;
    return {
        {"home",
         path,
         host.home.string(),
         "The folder with everything that kiln keeps.",
         {},
         0,
         0,
         no,
         "`/var/lib/kiln` for root, else `~/.local/share/kiln`",
         home_problem},
        {"log.level",
         choice,
         "warning",
         "The least severe events that are logged to stderr.",
         {"debug", "info", "warning", "error", "off"}},
        {"log.format", choice, "text", "The shape of a log line.", {"text", "json"}},
        {"bake.concurrency",
         whole,
         std::to_string(host.cores),
         "Bakes that run at once on this machine, over all kiln processes.",
         {},
         1,
         kMostBakes,
         no,
         "number of cores"},
        {"bake.deadline",
         duration,
         "1h",
         "A bake that names no deadline is ended after so long.",
         {},
         0,
         0,
         no,
         "",
         whole_seconds_problem},
        {"bake.hang_after",
         duration,
         "15m",
         "A bake with neither output nor CPU time nor I/O for so long is ended as hung.",
         {},
         0,
         0,
         no,
         "",
         whole_seconds_problem},
        {"bake.keep_records",
         duration,
         "30d",
         "`kiln gc` forgets bakes and their logs after so long."},
        {"gc.keep_reply_queues",
         duration,
         "2d",
         "`kiln gc` removes a reply queue that is older and was not used for so long."},
        {"checkpoint.budget",
         size,
         "20GiB",
         "Room for checkpoints; the least recently used go first."},
        {"cache.count",
         whole,
         "4",
         "Volumes that stand ready for the bakes to come; 0 keeps none.",
         {},
         0,
         kMostReady},
        {"cache.budget", size, "1GiB", "What volumes that stand ready may take on disk together."},
        {"cache.hot",
         whole,
         "2",
         "Volumes that a server holds attached and mounted besides, a storage daemon each.",
         {},
         0,
         kMostHot},
        {"cache.half_life",
         duration,
         "7d",
         "After so long a bake counts half for what is asked for again.",
         {},
         0,
         0,
         no,
         "",
         half_life_problem},
        {"cache.read_in",
         size,
         "64MiB",
         "So much of its parent is read into memory when a volume is made ready."},
        {"local.min_free",
         size,
         "64MiB",
         "Less free room than this in the home folder, and nothing new is begun."},
        {"local.flatten_depth",
         whole,
         "16",
         "A chain of more layers than this is flattened in the background.",
         {},
         2,
         kDeepestChain},
        {"local.account",
         text,
         "000000000000",
         "The account number that owns local images.",
         {},
         0,
         0,
         no,
         "",
         account_problem},
        {"boot_test.accelerator",
         choice,
         "auto",
         "What boot tests and vm.* instances run on; auto is KVM where a guest really runs under "
         "it.",
         {"auto", "kvm", "emulation"}},
        {"server.listen",
         text,
         std::string{kDefaultListen},
         "Where `kiln serve` listens, ADDRESS:PORT; port 0 is any free one.",
         {},
         0,
         0,
         no,
         "",
         listen_problem},
        {"server.tls_cert",
         path,
         "",
         "A certificate with its chain (PEM); with it and server.tls_key the server speaks TLS."},
        {"server.tls_key", path, "", "The private key (PEM) of server.tls_cert."},
        {"server.max_connections",
         whole,
         "16384",
         "Connections that the server has open at most.",
         {},
         1,
         kMostConnections},
        {"server.drain",
         duration,
         "30s",
         "What is under way when the server is asked to end has so long to end by itself.",
         {},
         0,
         0,
         no,
         "",
         drain_problem},
        {"server.sweep_every",
         duration,
         "1m",
         "The server looks this often for what dead processes of this host left.",
         {},
         0,
         0,
         no,
         "",
         whole_seconds_problem},
        {"server.upkeep_every",
         duration,
         "1h",
         "The server collects garbage and fills the volume cache this often.",
         {},
         0,
         0,
         no,
         "",
         whole_seconds_problem},
        {"server.url",
         text,
         "",
         "The server that commands talk to; empty: the one that runs for this home folder."},
        {"token",
         text,
         "",
         "The bearer token for that server; empty: the one in this home's credentials.json.",
         {},
         0,
         0,
         Setting::Secret::yes},
        {"redis.url",
         text,
         "",
         "The Redis server whose queues requests may name, redis://[USER:PASSWORD@]HOST:PORT; "
         "queues on it need no password of their own.",
         {},
         0,
         0,
         Setting::Secret::yes},
        {"redis.connect_time",
         duration,
         "5s",
         "So long a Redis server has to take a connection.",
         {},
         0,
         0,
         no,
         "",
         redis_time_problem},
        {"redis.answer_time",
         duration,
         "10s",
         "So long a Redis server has to answer.",
         {},
         0,
         0,
         no,
         "",
         redis_time_problem},
        {"bakery.concurrency",
         whole,
         std::to_string(host.cores),
         "Bakes that a server or worker takes from its queue at once.",
         {},
         1,
         kMostBakes,
         no,
         "number of cores"},
        {"bakery.max_receives",
         whole,
         "3",
         "A request that was received so often without an outcome goes to the dead letters.",
         {},
         1,
         kMostReceives},
        {"bakery.min_time_left",
         duration,
         "30s",
         "A request with less of its deadline left is refused.",
         {},
         0,
         0,
         no,
         "",
         whole_seconds_problem},
        {"provenance.key",
         path,
         "",
         "An Ed25519 or ECDSA private key (PEM) that signs provenance statements."},
        {"provenance.builder",
         text,
         "https://kiln.invalid/builder/local",
         "The builder's identity (a URI) in provenance statements."},
    };
}

}  // namespace

std::vector<Setting> declared_settings(const Host& host) {
    auto all = settings_but_the_engines(host);
    for (auto more : {engine_settings(), instance_settings(), notify_settings()}) {
        all.insert(
            all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end())
        );
    }
    return all;
}

std::vector<std::string> other_variables() {
    return {"KILN_FAULT", "KILN_CONFORMANCE", "KILN_TEST_*"};
}

namespace {

LogLevel log_level(std::string_view word) {
    if (word == "debug") {
        return LogLevel::debug;
    }
    if (word == "info") {
        return LogLevel::info;
    }
    if (word == "error") {
        return LogLevel::error;
    }
    return word == "off" ? LogLevel::off : LogLevel::warning;
}

std::chrono::milliseconds whole_milliseconds(Duration duration) {
    return std::chrono::floor<std::chrono::milliseconds>(duration);
}

std::chrono::seconds whole_seconds(Duration duration) {
    return std::chrono::floor<std::chrono::seconds>(duration);
}

}  // namespace

Config config_from(const Settings& settings) {
    Config config;
    config.home = settings.text("home");
    config.log_level = log_level(settings.text("log.level"));
    config.log_shape = settings.text("log.format") == "json" ? LogShape::json : LogShape::text;
    config.bake_concurrency = static_cast<std::size_t>(settings.whole("bake.concurrency"));
    config.bake_deadline = whole_seconds(settings.duration("bake.deadline"));
    config.bake_hang_after = whole_seconds(settings.duration("bake.hang_after"));
    config.bake_keep_records = settings.duration("bake.keep_records");
    config.gc_keep_reply_queues = settings.duration("gc.keep_reply_queues");
    config.checkpoint_budget = settings.size("checkpoint.budget");
    config.cache_count = static_cast<std::size_t>(settings.whole("cache.count"));
    config.cache_budget = settings.size("cache.budget");
    config.cache_hot = static_cast<std::size_t>(settings.whole("cache.hot"));
    config.cache_half_life = settings.duration("cache.half_life");
    config.cache_read_in = settings.size("cache.read_in");
    config.local_min_free = settings.size("local.min_free");
    config.local_flatten_depth = static_cast<std::size_t>(settings.whole("local.flatten_depth"));
    config.local_account = settings.text("local.account");
    config.boot_test_accelerator = settings.text("boot_test.accelerator");
    config.server_listen = settings.text("server.listen");
    config.server_tls_cert = settings.text("server.tls_cert");
    config.server_tls_key = settings.text("server.tls_key");
    config.server_max_connections = static_cast<unsigned>(settings.whole("server.max_connections"));
    config.server_drain = whole_seconds(settings.duration("server.drain"));
    config.server_sweep_every = whole_seconds(settings.duration("server.sweep_every"));
    config.server_upkeep_every = whole_seconds(settings.duration("server.upkeep_every"));
    config.server_url = settings.text("server.url");
    config.token = settings.text("token");
    config.bakery_concurrency = static_cast<std::size_t>(settings.whole("bakery.concurrency"));
    config.bakery_max_receives = settings.whole("bakery.max_receives");
    config.bakery_min_time_left = whole_seconds(settings.duration("bakery.min_time_left"));
    config.redis_url = settings.text("redis.url");
    config.redis_connect_time = whole_milliseconds(settings.duration("redis.connect_time"));
    config.redis_answer_time = whole_milliseconds(settings.duration("redis.answer_time"));
    config.engine = engine_config(settings);
    config.notify = notify_config(settings);
    config.instances = instances_config(settings);
    config.provenance_key = settings.text("provenance.key");
    config.provenance_builder = settings.text("provenance.builder");
    return config;
}

namespace {

/// The home that environment and flags name, before any file is read: the file may lie in it.
std::filesystem::path home_before_files(
    const Host& host,
    const std::vector<std::string>& set,
    const std::vector<std::pair<std::string, std::string>>& environment
) {
    std::filesystem::path home = host.home;
    for (const auto& [name, value] : environment) {
        if (name == "KILN_HOME") {
            home = value;
        }
    }
    for (const auto& flag : set) {
        if (flag.starts_with("home=")) {
            home = flag.substr(5);
        }
    }
    return home;
}

std::optional<SettingSources::File> read_if_there(const std::filesystem::path& path) {
    try {
        return SettingSources::File{path, os::read_file(path, 1U << 20)};
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::not_found) {
            return std::nullopt;
        }
        throw;
    }
}

}  // namespace

Settings load_settings(
    const Host& host,
    const SettingFlags& flags,
    const std::vector<std::pair<std::string, std::string>>& environment
) {
    SettingSources sources;
    sources.environment = environment;
    sources.other_variables = other_variables();
    if (flags.home) {
        sources.flags.push_back("home=" + std::filesystem::absolute(*flags.home).string());
    }
    sources.flags.insert(sources.flags.end(), flags.set.begin(), flags.set.end());
    const auto home = home_before_files(host, sources.flags, environment);
    bool in_home = false;
    if (flags.config) {
        sources.file = SettingSources::File{*flags.config, os::read_file(*flags.config, 1U << 20)};
    } else if ((sources.file = read_if_there(home / "kiln.toml"))) {
        in_home = true;
    } else {
        sources.file = read_if_there(kSystemFile);
    }
    auto settings = Settings::resolve(declared_settings(host), sources);
    if (in_home && settings.text("home") != home) {
        throw Error{
            ErrorKind::invalid,
            (home / "kiln.toml").string() + ": home cannot be moved by the file that lies in it"}
            .hint("set home in " + std::string{kSystemFile} + ", KILN_HOME or --home");
    }
    return settings;
}

std::vector<std::pair<std::string, std::string>> environment() {
    std::vector<std::pair<std::string, std::string>> all;
    for (char** one = ::environ; one != nullptr && *one != nullptr; ++one) {
        const std::string_view text{*one};
        if (const auto equals = text.find('='); equals != std::string_view::npos) {
            all.emplace_back(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return all;
}

}  // namespace kiln::cli
