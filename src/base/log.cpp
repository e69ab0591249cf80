#include "base/log.hpp"

#include "base/json.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace kiln {

namespace {

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v)";

LogShape& shape() {
    static LogShape value = LogShape::text;
    return value;
}

spdlog::logger& logger() {
    static const auto instance = [] {
        auto made = std::make_shared<spdlog::logger>(
            "kiln", std::make_shared<spdlog::sinks::stderr_sink_mt>()
        );
        made->set_pattern(kTextPattern, spdlog::pattern_time_type::utc);
        made->set_level(spdlog::level::warn);
        return made;
    }();
    return *instance;
}

std::string quoted_if_needed(const std::string& text) {
    const bool plain = !text.empty() && text.find_first_of(" \"=\n\t") == std::string::npos;
    return plain ? text : json::serialize(json::value(text));
}

void write(
    spdlog::level::level_enum level, std::string_view event, std::initializer_list<LogField> fields
) {
    if (!logger().should_log(level)) {
        return;
    }
    if (shape() == LogShape::json) {
        json::object line{{"event", event}};
        for (const auto& [name, value] : fields) {
            line[name] = value;
        }
        const auto members = json::serialize(line);
        logger().log(level, "{}", std::string_view{members}.substr(1));
        return;
    }
    std::string line{event};
    for (const auto& [name, value] : fields) {
        line += fmt::format(" {}={}", name, quoted_if_needed(value));
    }
    logger().log(level, "{}", line);
}

}  // namespace

void configure_log(LogLevel level, LogShape wanted) {
    shape() = wanted;
    switch (level) {
        case LogLevel::debug:
            logger().set_level(spdlog::level::debug);
            break;
        case LogLevel::info:
            logger().set_level(spdlog::level::info);
            break;
        case LogLevel::warning:
            logger().set_level(spdlog::level::warn);
            break;
        case LogLevel::error:
            logger().set_level(spdlog::level::err);
            break;
        case LogLevel::off:
            logger().set_level(spdlog::level::off);
            break;
    }
    logger().set_pattern(
        wanted == LogShape::json ? kJsonPattern : kTextPattern, spdlog::pattern_time_type::utc
    );
}

void log_debug(std::string_view event, std::initializer_list<LogField> fields) {
    write(spdlog::level::debug, event, fields);
}

void log_info(std::string_view event, std::initializer_list<LogField> fields) {
    write(spdlog::level::info, event, fields);
}

void log_warning(std::string_view event, std::initializer_list<LogField> fields) {
    write(spdlog::level::warn, event, fields);
}

void log_error(std::string_view event, std::initializer_list<LogField> fields) {
    write(spdlog::level::err, event, fields);
}

}  // namespace kiln
