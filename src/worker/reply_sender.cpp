#include "worker/reply_sender.hpp"

#include "base/backoff.hpp"
#include "base/log.hpp"
#include "base/random.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::worker {

namespace {

constexpr std::size_t kPage = 10;  ///< SQS' batch
constexpr std::chrono::milliseconds kFirstPause{200};
constexpr std::chrono::seconds kLongestPause{10};

/// Two characters that JSON text may have and a queue's message may not.
void escape_all(std::string& text, std::string_view character, std::string_view escape) {
    for (auto at = text.find(character); at != std::string::npos;
         at = text.find(character, at + escape.size())) {
        text.replace(at, character.size(), escape);
    }
}

}  // namespace

ports::OutgoingMessage reply_message(const BakeId& bake, const ports::BakeEvent& event, bool fifo) {
    ports::OutgoingMessage message;
    message.body = json::serialize(ports::to_json(bake, event));
    escape_all(message.body, "\xEF\xBF\xBE", "\\ufffe");
    escape_all(message.body, "\xEF\xBF\xBF", "\\uffff");
    message.attributes = {
        {"bake", {"String", bake.str()}},
        {"sequence", {"Number", std::to_string(event.sequence)}},
        {"category", {"String", event.category}},
        {"attempt", {"Number", std::to_string(event.attempt)}},
    };
    if (fifo) {
        message.group = bake.str();
        message.deduplication = fmt::format("{}-{}-{}", bake.str(), event.attempt, event.sequence);
    }
    return message;
}

ReplySender::ReplySender(
    ports::BakeStore& bakes,
    ports::MessageQueue& queue,
    ports::QueueReference reply_to,
    const Pause& pause,
    BakeId bake,
    std::int64_t attempt
)
    : bakes_{bakes},
      queue_{queue},
      reply_to_{std::move(reply_to)},
      pause_{pause},
      bake_{std::move(bake)},
      sent_{attempt, 0},
      thread_{[this](const std::stop_token& stop) { send_loop(stop); }} {}

ReplySender::~ReplySender() {
    thread_.request_stop();
    changed_.notify_all();
}

void ReplySender::wake() {
    {
        const std::lock_guard lock{mutex_};
        woken_ = true;
    }
    changed_.notify_all();
}

bool ReplySender::finish() {
    {
        const std::lock_guard lock{mutex_};
        finishing_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
    return !gave_up_;
}

void ReplySender::send_loop(const std::stop_token& stop) {
    try {
        for (bool last = false; !stop.stop_requested() && !gave_up_;) {
            if (send_page(stop)) {
                continue;
            }
            if (last) {
                return;  // what was stored before `finish` is sent
            }
            std::unique_lock lock{mutex_};
            changed_.wait(lock, stop, [&] { return woken_ || finishing_; });
            woken_ = false;
            last = finishing_;
        }
    } catch (const std::exception& error) {
        give_up(error.what());
    }
}

bool ReplySender::send_page(const std::stop_token& stop) {
    const auto events = bakes_.events(bake_, sent_, kPage);
    std::vector<ports::OutgoingMessage> messages;
    const bool fifo = reply_to_.name.ends_with(".fifo");
    for (const auto& event : events) {
        messages.push_back(reply_message(bake_, event, fifo));
    }
    if (messages.empty() || !send_with_patience(messages, stop)) {
        return false;
    }
    sent_ = events.back().place();
    return true;
}

bool ReplySender::send_with_patience(
    const std::vector<ports::OutgoingMessage>& messages, const std::stop_token& stop
) {
    for (unsigned failures = 0;; ++failures) {
        try {
            queue_.send(reply_to_.name, messages);
            return true;
        } catch (const Error& error) {
            if (!retryable(error.kind()) || waited_ >= kPatience) {
                give_up(error.what());
                return false;
            }
            const auto after = error.retry_after();
            const auto wait = std::max<Duration>(
                backoff(
                    failures,
                    kFirstPause,
                    kLongestPause,
                    random_jitter(),
                    after ? std::optional<Duration>{*after} : std::nullopt
                ),
                kFirstPause
            );
            waited_ += wait;
            if (!pause_(wait, stop)) {
                return false;
            }
        }
    }
}

void ReplySender::give_up(const std::string& why) {
    gave_up_ = true;
    log_warning(
        "replies are given up, the bake goes on",
        {{"bake", bake_.str()}, {"queue", reply_to_.shown()}, {"error", why}}
    );
    try {
        bakes_.note(
            bake_,
            fmt::format(
                "replies to {} were given up after {} of attempt {}: {}",
                reply_to_.shown(),
                sent_.sequence,
                sent_.attempt,
                why
            )
        );
    } catch (const std::exception& error) {
        log_debug("note not written", {{"bake", bake_.str()}, {"error", error.what()}});
    }
}

}  // namespace kiln::worker
