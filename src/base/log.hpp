#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace kiln {

/// Levels and shapes of the log, which goes to stderr.
enum class LogLevel { debug, info, warning, error, off };
enum class LogShape { text, json };

void configure_log(LogLevel level, LogShape shape);

/// One named value of a log line: {"bake", id.str()}.
using LogField = std::pair<std::string_view, std::string>;

/// Writes one line: an event and its fields. Libraries log at most `debug`; a destructor that
/// cannot throw logs a warning with the resource's name and what happens next.
void log_debug(std::string_view event, std::initializer_list<LogField> fields = {});
void log_info(std::string_view event, std::initializer_list<LogField> fields = {});
void log_warning(std::string_view event, std::initializer_list<LogField> fields = {});
void log_error(std::string_view event, std::initializer_list<LogField> fields = {});

}  // namespace kiln
