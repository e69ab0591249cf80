#include "ports/queue_rules.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace kiln::ports {

namespace {

using std::chrono::seconds;

constexpr std::size_t kLongestName = 80;
constexpr std::size_t kLongestToken = 128;  ///< a group, a deduplication
constexpr std::size_t kLongestAttributeName = 256;
constexpr std::size_t kMostAttributes = 10;
constexpr int kMostAtOnce = 10;
constexpr std::int64_t kMostReceives = 1'000;
constexpr seconds kShortestRetention{60};

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

    [[nodiscard]] std::vector<Problem> take() { return std::move(found_); }

  private:
    std::vector<Problem> found_;
};

bool is_name_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

bool is_token(std::string_view text) {
    return !text.empty() && text.size() <= kLongestToken &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

/// XML 1.0's characters in UTF-8: no control characters but tab and line ends, no U+FFFE, U+FFFF.
bool is_text(std::string_view text) {
    const bool controls = std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    });
    return !controls && is_utf8(text) && text.find("\xEF\xBF\xBE") == std::string_view::npos &&
           text.find("\xEF\xBF\xBF") == std::string_view::npos;
}

void throw_any(std::vector<Problem> problems, std::string_view summary) {
    if (!problems.empty()) {
        throw Error{summary, std::move(problems)};
    }
}

void check_attribute(
    const std::string& name, const MessageAttribute& attribute, Problems& problems
) {
    const auto base = std::string_view{attribute.type}.substr(0, attribute.type.find('.'));
    const auto where = "attributes." + to_utf8(name);
    problems.expect(
        !name.empty() && name.size() <= kLongestAttributeName && is_text(name),
        "attributes",
        fmt::format("an attribute's name is 1 to {} characters", kLongestAttributeName)
    );
    problems.expect(
        base == "String" || base == "Number" || base == "Binary",
        where + ".type",
        "its type must be String, Number or Binary, with an optional '.label'"
    );
    problems.expect(!attribute.value.empty(), where + ".value", "it must have a value");
    problems.expect(
        base == "Binary" || is_text(attribute.value),
        where + ".value",
        "it holds a character that SQS refuses"
    );
}

/// Where it is to stand: what FIFO queues ask for, and what only they have.
void check_placement(bool fifo, const OutgoingMessage& message, Problems& problems) {
    const auto token = fmt::format("it has to be 1 to {} graphic characters", kLongestToken);
    if (message.delay) {
        problems.expect_range(*message.delay, seconds{0}, kLongestMessageDelay, "delay");
        problems.expect(
            !fifo || message.delay->count() == 0,
            "delay",
            "a message to a FIFO queue cannot have a delay of its own"
        );
    }
    problems.expect(
        !fifo || !message.group.empty(), "group", "a message to a FIFO queue must have a group"
    );
    problems.expect(message.group.empty() || is_token(message.group), "group", token);
    problems.expect(
        fifo || message.deduplication.empty(), "deduplication", "it is for FIFO queues"
    );
    problems.expect(
        message.deduplication.empty() || is_token(message.deduplication), "deduplication", token
    );
}

}  // namespace

std::optional<std::string> queue_name_problem(std::string_view name) {
    const auto stem = is_fifo(name) ? name.substr(0, name.rfind('.')) : name;
    if (!stem.empty() && name.size() <= kLongestName &&
        std::all_of(stem.begin(), stem.end(), is_name_letter)) {
        return std::nullopt;
    }
    return fmt::format(
        "a queue's name is 1 to {} of A-Z, a-z, 0-9, '-' and '_', with '.fifo' at the end of a "
        "FIFO queue's",
        kLongestName
    );
}

std::vector<Problem> problems_of(const QueueSpec& spec) {
    Problems problems;
    if (const auto problem = queue_name_problem(spec.name)) {
        problems.expect(false, "name", fmt::format("'{}': {}", to_utf8(spec.name), *problem));
    }
    problems.expect_range(spec.visibility, seconds{0}, kLongestVisibility, "visibility");
    problems.expect_range(spec.delay, seconds{0}, kLongestMessageDelay, "delay");
    problems.expect_range(spec.retention, kShortestRetention, kLongestRetention, "retention");
    problems.expect(
        !spec.content_deduplication || is_fifo(spec.name),
        "content_deduplication",
        "it is for a FIFO queue, whose name ends in .fifo"
    );
    if (const auto& dead = spec.dead_letters) {
        problems.expect(
            1 <= dead->receives && dead->receives <= kMostReceives,
            "dead_letters.receives",
            fmt::format("{}; it has to be 1 to {}", dead->receives, kMostReceives)
        );
        problems.expect(
            dead->queue != spec.name && is_fifo(dead->queue) == is_fifo(spec.name),
            "dead_letters.queue",
            "it has to be another queue, and a FIFO queue for a FIFO queue only"
        );
    }
    return problems.take();
}

std::vector<Problem> problems_of(const ReceiveSpec& spec) {
    Problems problems;
    problems.expect(
        1 <= spec.at_most && spec.at_most <= kMostAtOnce,
        "at_most",
        fmt::format("{}; it has to be 1 to {}", spec.at_most, kMostAtOnce)
    );
    problems.expect_range(spec.wait, seconds{0}, kLongestPoll, "wait");
    if (spec.visibility) {
        problems.expect_range(*spec.visibility, seconds{0}, kLongestVisibility, "visibility");
    }
    return problems.take();
}

void check(const QueueSpec& spec) {
    throw_any(problems_of(spec), "not a queue");
}

void check(const ReceiveSpec& spec) {
    throw_any(problems_of(spec), "cannot receive so");
}

std::size_t message_bytes(const OutgoingMessage& message) noexcept {
    auto bytes = message.body.size();
    for (const auto& [name, attribute] : message.attributes) {
        bytes += name.size() + attribute.type.size() + attribute.value.size();
    }
    return bytes;
}

std::vector<Problem> problems_of(const OutgoingMessage& message, std::string_view queue) {
    Problems problems;
    problems.expect(!message.body.empty(), "body", "a message must have a body");
    problems.expect(
        is_text(message.body),
        "body",
        "it must be UTF-8 text without control characters; encode bytes as base64"
    );
    const auto bytes = message_bytes(message);
    problems.expect(
        bytes <= kMostMessageBytes,
        "body",
        fmt::format(
            "a message is at most {} bytes with its attributes; this one is {}",
            kMostMessageBytes,
            bytes
        )
    );
    problems.expect(
        message.attributes.size() <= kMostAttributes,
        "attributes",
        fmt::format("a message has at most {} attributes", kMostAttributes)
    );
    for (const auto& [name, attribute] : message.attributes) {
        check_attribute(name, attribute, problems);
    }
    check_placement(is_fifo(queue), message, problems);
    return problems.take();
}

Error message_error(std::size_t number, std::string_view queue, std::vector<Problem> problems) {
    return Error{fmt::format("message {} to '{}'", number, queue), std::move(problems)};
}

}  // namespace kiln::ports
