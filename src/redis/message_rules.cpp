#include "redis/message_rules.hpp"

#include "base/json.hpp"
#include "base/utf8.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::redis {

namespace {

using std::chrono::seconds;

constexpr std::size_t kMostBytes = 1'048'576;  ///< body and attributes, SQS'
constexpr std::size_t kMostAttributes = 10;
constexpr std::size_t kMostNameLetters = 80;
constexpr std::size_t kLongestToken = 128;  ///< a group, a deduplication
constexpr seconds kLongestVisibility{43'200};
constexpr seconds kLongestDelay{900};
constexpr seconds kLongestWait{20};

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

    [[nodiscard]] std::optional<Error> error(std::string_view summary) const {
        return found_.empty() ? std::nullopt : std::optional{Error{summary, found_}};
    }

    void throw_any(std::string_view summary) const {
        if (auto problem = error(summary)) {
            throw *std::move(problem);
        }
    }

  private:
    std::vector<Problem> found_;
};

bool is_name(std::string_view name) {
    const auto stem = is_fifo(name) ? name.substr(0, name.size() - 5) : name;
    return !stem.empty() && name.size() <= kMostNameLetters &&
           std::all_of(stem.begin(), stem.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
           });
}

bool is_token(std::string_view text) {
    return !text.empty() && text.size() <= kLongestToken &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

/// XML's characters, as in SQS: no control characters but tab and line ends.
bool is_text(std::string_view text) {
    return is_utf8(text) && std::all_of(text.begin(), text.end(), [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte >= 0x20 || c == '\t' || c == '\n' || c == '\r';
           });
}

void check_attribute(
    const std::string& name, const ports::MessageAttribute& attribute, Problems& problems
) {
    const auto base = std::string_view{attribute.type}.substr(0, attribute.type.find('.'));
    problems.expect(
        !name.empty() && name.size() <= 256 && is_text(name),
        "attributes",
        "a name is 1 to 256 letters"
    );
    problems.expect(
        base == "String" || base == "Number" || base == "Binary",
        "attributes." + name + ".type",
        fmt::format("'{}'; it has to be String, Number or Binary", to_utf8(attribute.type))
    );
    problems.expect(
        !attribute.value.empty() && (base == "Binary" || is_text(attribute.value)),
        "attributes." + name + ".value",
        "it is empty, or not text"
    );
}

void check_placement(
    const ports::OutgoingMessage& message, const std::string& queue, Problems& problems
) {
    const bool fifo = is_fifo(queue);
    if (message.delay) {
        problems.expect_range(*message.delay, seconds{0}, kLongestDelay, "delay");
        problems.expect(
            !fifo || message.delay->count() == 0, "delay", "no message of a FIFO queue has one"
        );
    }
    if (fifo || !message.group.empty()) {
        problems.expect(
            is_token(message.group), "group", "it has to be 1 to 128 graphic characters"
        );
    }
    if (!message.deduplication.empty()) {
        problems.expect(fifo, "deduplication", "it is for FIFO queues");
        problems.expect(
            is_token(message.deduplication),
            "deduplication",
            "it has to be 1 to 128 graphic characters"
        );
    }
}

}  // namespace

void check(const ports::QueueSpec& spec) {
    Problems problems;
    problems.expect(
        is_name(spec.name),
        "name",
        fmt::format(
            "'{}'; it has to be 1 to 80 of A-Z a-z 0-9 - _, with .fifo at the end of a FIFO "
            "queue's",
            to_utf8(spec.name)
        )
    );
    problems.expect_range(spec.visibility, seconds{0}, kLongestVisibility, "visibility");
    problems.expect_range(spec.delay, seconds{0}, kLongestDelay, "delay");
    problems.expect(
        spec.delay.count() == 0 || !is_fifo(spec.name), "delay", "a FIFO queue on Redis has none"
    );
    problems.expect_range(spec.retention, seconds{60}, std::chrono::hours{24 * 14}, "retention");
    problems.expect(
        !spec.content_deduplication || is_fifo(spec.name),
        "content_deduplication",
        "it is for a FIFO queue, whose name ends in .fifo"
    );
    if (spec.dead_letters) {
        problems.expect(
            1 <= spec.dead_letters->receives && spec.dead_letters->receives <= 1'000,
            "dead_letters.receives",
            fmt::format("{}; it has to be 1 to 1000", spec.dead_letters->receives)
        );
        problems.expect(
            is_name(spec.dead_letters->queue) && spec.dead_letters->queue != spec.name &&
                is_fifo(spec.dead_letters->queue) == is_fifo(spec.name),
            "dead_letters.queue",
            "it has to be another queue of the same kind"
        );
    }
    problems.throw_any("not a queue");
}

void check(const ports::ReceiveSpec& spec) {
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

void check_visibility(seconds visibility) {
    Problems problems;
    problems.expect_range(visibility, seconds{0}, kLongestVisibility, "visibility");
    problems.throw_any("cannot extend so");
}

std::optional<Error> problem_of(const ports::OutgoingMessage& message, const std::string& queue) {
    Problems problems;
    auto size = message.body.size();
    for (const auto& [name, attribute] : message.attributes) {
        size += name.size() + attribute.type.size() + attribute.value.size();
        check_attribute(name, attribute, problems);
    }
    problems.expect(!message.body.empty(), "body", "it is empty");
    problems.expect(
        size <= kMostBytes,
        "body",
        fmt::format("{} bytes with the attributes; at most {}", size, kMostBytes)
    );
    problems.expect(is_text(message.body), "body", "it is not UTF-8, or has control characters");
    problems.expect(
        message.attributes.size() <= kMostAttributes, "attributes", "there are more than 10"
    );
    check_placement(message, queue, problems);
    return problems.error("not a message");
}

std::string spec_json(const ports::QueueSpec& spec) {
    json::object tags;
    for (const auto& [key, value] : spec.tags) {
        tags[key] = value;
    }
    json::object object{
        {"visibility", spec.visibility.count()},
        {"delay", spec.delay.count()},
        {"retention", spec.retention.count()},
        {"content_deduplication", spec.content_deduplication},
        {"tags", std::move(tags)}};
    if (spec.dead_letters) {
        object["dead_letters"] = json::object{
            {"queue", spec.dead_letters->queue}, {"receives", spec.dead_letters->receives}};
    }
    return json::serialize(object);
}

}  // namespace kiln::redis
