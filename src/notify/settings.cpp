#include "notify/settings.hpp"

namespace kiln::notify {

std::vector<std::unique_ptr<Channel>> make_channels(
    const Settings& settings, const ports::Clock& clock, QueueOf queue_of
) {
    std::vector<std::unique_ptr<Channel>> channels;
    if (settings.slack) {
        channels.push_back(std::make_unique<SlackChannel>(settings.slack->options, settings.texts));
    }
    if (settings.mail) {
        channels.push_back(std::make_unique<MailChannel>(settings.mail->options, settings.texts));
    }
    if (settings.web_hook) {
        channels.push_back(std::make_unique<WebHookChannel>(settings.web_hook->options, clock));
    }
    if (settings.queue) {
        const auto& queue = settings.queue->options;
        channels.push_back(std::make_unique<QueueChannel>(
            queue.name,
            [ queue, queue_of = std::move(queue_of) ]() -> auto& { return queue_of(queue); }
        ));
    }
    return channels;
}

std::vector<Route> routes_of(const Settings& settings) {
    std::vector<Route> routes;
    const auto add = [&](const char* name, const auto& subscriber) {
        if (subscriber) {
            routes.push_back({name, subscriber->kinds});
        }
    };
    add("slack", settings.slack);
    add("mail", settings.mail);
    add("webhook", settings.web_hook);
    add("queue", settings.queue);
    return routes;
}

}  // namespace kiln::notify
