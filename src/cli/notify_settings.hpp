#pragma once

#include "base/settings.hpp"
#include "notify/settings.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace kiln::cli {

/// Settings `notify.*`, as they are given: who is told of what.
struct NotifyConfig {
    std::string slack_hook;  ///< "": no Slack
    std::string slack_channel, slack_username, slack_icon, slack_events;
    std::string smtp;  ///< "": no mail
    std::string smtp_user, smtp_password, smtp_tls;
    std::string mail_from, mail_to, mail_events;
    std::string web_hook;  ///< "": none
    std::string web_hook_secret, web_hook_events;
    std::string queue;  ///< "": none
    std::string queue_events;
    std::filesystem::path texts;  ///< "": kiln's own
    std::int64_t attempts = 1;
    Duration keep{};
};

[[nodiscard]] std::vector<Setting> notify_settings();

[[nodiscard]] NotifyConfig notify_config(const Settings& settings);

/// What it amounts to. Reads the file with the texts.
/// @throws Error  invalid: settings that miss one another, texts · not_found: their file
[[nodiscard]] notify::Settings read_notify_config(const NotifyConfig& config);

}  // namespace kiln::cli
