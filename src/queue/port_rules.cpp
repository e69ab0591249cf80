#include "queue/port_rules.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::queue {

namespace {

using std::chrono::seconds;

constexpr std::size_t kMostNameLetters = 80;
constexpr seconds kLongestVisibility{43'200};
constexpr seconds kLongestDelay{900};
constexpr seconds kLongestWait{20};
constexpr std::string_view kFifoEnd = ".fifo";

class Problems {
  public:
    void expect(bool good, std::string where, std::string what) {
        if (!good) {
            found_.push_back({std::move(where), std::move(what)});
        }
    }

    void expect_range(seconds value, seconds low, seconds high, std::string where) {
        expect(
            low <= value && value <= high,
            std::move(where),
            fmt::format("{} s; it has to be {} to {} s", value.count(), low.count(), high.count())
        );
    }

    void throw_any(std::string_view summary) const {
        if (!found_.empty()) {
            throw Error{summary, found_};
        }
    }

  private:
    std::vector<Problem> found_;
};

bool is_fifo_name(std::string_view name) {
    return name.ends_with(kFifoEnd);
}

bool is_queue_name(std::string_view name) {
    const auto stem = is_fifo_name(name) ? name.substr(0, name.size() - kFifoEnd.size()) : name;
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    };
    return !stem.empty() && name.size() <= kMostNameLetters &&
           std::all_of(stem.begin(), stem.end(), is_letter);
}

ErrorKind kind_of(RefusalCode code, About about) {
    switch (code) {
        case RefusalCode::queue_does_not_exist:
        case RefusalCode::resource_not_found:
            return ErrorKind::not_found;
        case RefusalCode::queue_name_exists:
        case RefusalCode::queue_deleted_recently:
        case RefusalCode::message_not_inflight:
        case RefusalCode::purge_queue_in_progress:
            return ErrorKind::conflict;
        case RefusalCode::invalid_parameter_value:
            return about == About::receipt ? ErrorKind::conflict : ErrorKind::invalid;
        case RefusalCode::invalid_attribute_name:
        case RefusalCode::invalid_attribute_value:
        case RefusalCode::missing_parameter:
        case RefusalCode::invalid_message_contents:
        case RefusalCode::receipt_handle_is_invalid:
        case RefusalCode::unsupported_operation:
            return ErrorKind::invalid;
        case RefusalCode::over_limit:
            return ErrorKind::exhausted;
        case RefusalCode::throttled:
        case RefusalCode::unavailable:
            return ErrorKind::unavailable;
        case RefusalCode::corrupt:
            return ErrorKind::corrupt;
    }
    return ErrorKind::internal;
}

}  // namespace

void check_spec(const ports::QueueSpec& spec) {
    Problems problems;
    problems.expect(
        is_queue_name(spec.name),
        "name",
        fmt::format(
            "'{}'; it has to be 1 to 80 of A-Z a-z 0-9 - _, with .fifo at the end of a FIFO "
            "queue's",
            spec.name
        )
    );
    problems.expect_range(spec.visibility, seconds{0}, kLongestVisibility, "visibility");
    problems.expect_range(spec.delay, seconds{0}, kLongestDelay, "delay");
    problems.expect_range(spec.retention, seconds{60}, std::chrono::hours{24 * 14}, "retention");
    problems.expect(
        !spec.content_deduplication || is_fifo_name(spec.name),
        "content_deduplication",
        "it is for a FIFO queue, whose name ends in .fifo"
    );
    if (spec.dead_letters) {
        problems.expect(
            1 <= spec.dead_letters->receives && spec.dead_letters->receives <= 1'000,
            "dead_letters.receives",
            fmt::format("{}; it has to be 1 to 1000", spec.dead_letters->receives)
        );
    }
    problems.throw_any("not a queue");
}

void check_spec(const ports::ReceiveSpec& spec) {
    Problems problems;
    problems.expect(
        1 <= spec.at_most && spec.at_most <= 10,
        "at_most",
        fmt::format("{}; it has to be 1 to 10", spec.at_most)
    );
    problems.expect_range(spec.wait, seconds{0}, kLongestWait, "wait");
    if (spec.visibility) {
        problems.expect_range(*spec.visibility, seconds{0}, kLongestVisibility, "visibility");
    }
    problems.throw_any("cannot receive so");
}

QueueDefinition to_definition(const ports::QueueSpec& spec) {
    QueueDefinition definition;
    definition.name = spec.name;
    definition.visibility = spec.visibility;
    definition.delay = spec.delay;
    definition.retention = spec.retention;
    definition.tags = spec.tags;
    if (spec.dead_letters) {
        definition.redrive = RedrivePolicy{spec.dead_letters->queue, spec.dead_letters->receives};
    }
    if (is_fifo_name(spec.name)) {
        definition.fifo = FifoSettings{.content_deduplication = spec.content_deduplication};
    }
    return definition;
}

NewMessage to_message(const ports::OutgoingMessage& message) {
    NewMessage wanted;
    wanted.body = message.body;
    wanted.attributes = message.attributes;
    wanted.delay = message.delay;
    if (!message.group.empty()) {
        wanted.group = message.group;
    }
    if (!message.deduplication.empty()) {
        wanted.deduplication = message.deduplication;
    }
    return wanted;
}

ports::ReceivedMessage to_received(const Delivery& delivery) {
    const auto& message = *delivery.message;
    return {
        .id = message.id,
        .receipt = delivery.receipt,
        .body = message.body,
        .attributes = message.attributes,
        .group = message.group.value_or(""),
        .receives = delivery.receives,
        .sent = message.sent,
    };
}

Error to_error(const Refusal& refusal, std::string_view queue, About about) {
    return Error{
        kind_of(refusal.code, about), fmt::format("queue '{}': {}", queue, refusal.message)};
}

}  // namespace kiln::queue
