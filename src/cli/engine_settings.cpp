#include "cli/engine_settings.hpp"

#include "base/error.hpp"
#include "cli/words.hpp"
#include "net/url.hpp"

#include <fmt/format.h>

namespace kiln::cli {

namespace {

/// nullopt: a URL that begins with http:// or https://.
std::optional<std::string> url_problem(const std::string& text) {
    try {
        const auto url = net::parse_url(text);
        if (url.scheme == "http" || url.scheme == "https") {
            return std::nullopt;
        }
    } catch (const Error& error) {
        return error.message();
    }
    return fmt::format("'{}' does not begin with http:// or https://", text);
}

std::optional<std::string> endpoint_problem(const std::string& text) {
    return text.empty() ? std::nullopt : url_problem(text);
}

std::optional<std::string> functions_problem(const std::string& text) {
    for (const auto& word : words_of(text)) {
        const auto equals = word.find('=');
        if (equals == std::string::npos || equals == 0) {
            return fmt::format("'{}' is not NAME=URL", word);
        }
        if (auto problem = url_problem(word.substr(equals + 1))) {
            return problem;
        }
    }
    return std::nullopt;
}

std::optional<std::string> origins_problem(const std::string& text) {
    for (const auto& word : words_of(text)) {
        if (word.find("://") != std::string::npos) {
            if (auto problem = url_problem(word)) {
                return problem;
            }
        } else if (word.find('/') != std::string::npos) {
            return fmt::format("'{}' is neither a host nor SCHEME://HOST", word);
        }
    }
    return std::nullopt;
}

std::optional<std::string> folders_problem(const std::string& text) {
    for (const auto& word : words_of(text)) {
        if (!word.starts_with('/')) {
            return fmt::format("'{}' is not an absolute path", word);
        }
    }
    return std::nullopt;
}

std::optional<std::string> keep_problem(const std::string& text) {
    const auto duration = parse_duration(text);
    return duration >= std::chrono::hours{1}
               ? std::nullopt
               : std::optional{fmt::format("'{}' is too short; at least 1h", text)};
}

Setting text_setting(
    std::string name,
    std::string help,
    std::function<std::optional<std::string>(const std::string&)> check
) {
    return {
        .name = std::move(name),
        .type = Setting::Type::text,
        .fallback = "",
        .help = std::move(help),
        .check = std::move(check)};
}

}  // namespace

std::vector<Setting> engine_settings() {
    using enum Setting::Type;
    return {
        {"engine.cache", size, "256MiB", "Memory for open executions of state machines, about."},
        {"engine.max_open",
         whole,
         "1000000",
         "Executions that may be open at once.",
         {},
         1,
         100'000'000},
        {"engine.max_events",
         whole,
         "25000",
         "Events that an execution's history may have.",
         {},
         100,
         10'000'000},
        {"engine.max_payload", size, "256KiB", "A state's input or output may have so much."},
        {.name = "engine.keep",
         .type = duration,
         .fallback = "90d",
         .help = "Executions that have ended are remembered so long.",
         .check = keep_problem},
        {"engine.callers",
         whole,
         "16",
         "Calls of functions and HTTP endpoints that tasks make at once.",
         {},
         1,
         1000},
        text_setting(
            "engine.lambda_endpoint",
            "A URL that speaks Lambda's Invoke API, for tasks that invoke functions.",
            endpoint_problem
        ),
        text_setting(
            "engine.lambda_functions",
            "Functions with URLs of their own, \"NAME=URL NAME=URL\".",
            functions_problem
        ),
        text_setting(
            "engine.http_origins",
            "What http:invoke may call: hosts, \"*.DOMAIN\", or SCHEME://HOST:PORT.",
            origins_problem
        ),
        {"engine.http_connections",
         path,
         "",
         "A file (JSON) with the named connections of http:invoke and their secrets."},
        text_setting(
            "engine.item_folders",
            "Folders that distributed Maps may read and write as buckets \"file://FOLDER\".",
            folders_problem
        ),
    };
}

EngineConfig engine_config(const Settings& settings) {
    EngineConfig config;
    config.cache = settings.size("engine.cache");
    config.most_open = static_cast<std::size_t>(settings.whole("engine.max_open"));
    config.most_events = settings.whole("engine.max_events");
    config.most_payload = settings.size("engine.max_payload");
    config.keep = std::chrono::floor<std::chrono::hours>(settings.duration("engine.keep"));
    config.callers = static_cast<std::size_t>(settings.whole("engine.callers"));
    config.lambda_endpoint = settings.text("engine.lambda_endpoint");
    while (config.lambda_endpoint.ends_with('/')) {
        config.lambda_endpoint.pop_back();
    }
    config.lambda_functions = settings.text("engine.lambda_functions");
    config.http_origins = words_of(settings.text("engine.http_origins"));
    config.http_connections = settings.text("engine.http_connections");
    for (auto& folder : words_of(settings.text("engine.item_folders"))) {
        config.item_folders.emplace_back(std::move(folder));
    }
    return config;
}

}  // namespace kiln::cli
