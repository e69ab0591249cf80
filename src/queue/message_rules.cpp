#include "queue/message_rules.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

namespace kiln::queue {

namespace {

constexpr std::size_t kMostAttributes = 10;
constexpr std::size_t kLongestAttributeName = 256;
constexpr std::size_t kLongestAttributeType = 256;
constexpr std::size_t kLongestToken = 128;
constexpr std::size_t kMostNumberDigits = 38;

Refusal bad_parameter(std::string message) {
    return {RefusalCode::invalid_parameter_value, std::move(message)};
}

bool is_letter_or_digit(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Letters and digits outside of ASCII, which AWS takes though its reference does not say so: the
/// scripts that names are likely to be in.
struct Range {
    std::uint32_t first, last;
};

constexpr std::array kLetters{
    Range{0xaa, 0xaa},                             // ª
    Range{0xb5, 0xb5},                             // µ
    Range{0xba, 0xba},                             // º
    Range{0xc0, 0xd6},                             // Latin-1, without ×
    Range{0xd8, 0xf6},                             // and ÷
    Range{0xf8, 0x2c1},                            // Latin Extended, IPA
    Range{0x386, 0x386},                           // Greek
    Range{0x388, 0x3f5},   Range{0x3f7, 0x481},    // Greek, Cyrillic
    Range{0x48a, 0x52f},                           // Cyrillic
    Range{0x5d0, 0x5ea},                           // Hebrew
    Range{0x620, 0x64a},                           // Arabic
    Range{0x904, 0x939},                           // Devanagari
    Range{0xe01, 0xe30},                           // Thai
    Range{0x1e00, 0x1fbc},                         // Latin Extended Additional, Greek Extended
    Range{0x3041, 0x3096},                         // Hiragana
    Range{0x30a1, 0x30fa},                         // Katakana
    Range{0x3400, 0x4dbf},                         // Han
    Range{0x4e00, 0x9fff}, Range{0xac00, 0xd7a3},  // Hangul
};

/// Takes the first character off. @param text  UTF-8, not empty
std::uint32_t next_code_point(std::string_view& text) noexcept {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    std::uint32_t code = length == 1 ? first : first & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        code = code << 6U | (static_cast<unsigned char>(text[i]) & 0x3fU);
    }
    text.remove_prefix(length);
    return code;
}

bool is_name_character(std::uint32_t code) noexcept {
    if (code < 0x80) {
        const auto c = static_cast<char>(code);
        return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
    }
    return std::any_of(kLetters.begin(), kLetters.end(), [&](Range range) {
        return code >= range.first && code <= range.last;
    });
}

/// U+FFFE and U+FFFF are the only other ones that XML leaves out.
bool is_noncharacter(std::string_view text, std::size_t at) noexcept {
    return text.substr(at, 2) == "\xef\xbf" && at + 2 < text.size() &&
           (text[at + 2] == '\xbe' || text[at + 2] == '\xbf');
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower) noexcept {
    return text.size() >= lower.size() &&
           std::equal(lower.begin(), lower.end(), text.begin(), [](char want, char has) {
               return want == (has >= 'A' && has <= 'Z' ? static_cast<char>(has + 32) : has);
           });
}

std::optional<Refusal> refuse_attribute_name(std::string_view name) {
    if (name.empty()) {
        return bad_parameter("The request must contain non-empty message (user) attribute names.");
    }
    if (name.size() > kLongestAttributeName) {
        return bad_parameter(fmt::format(
            "Message (user) attribute names must be shorter than {} bytes.", kLongestAttributeName
        ));
    }
    if (!is_utf8(name)) {
        return bad_parameter("Message (user) attribute names must be UTF-8.");
    }
    for (auto rest = name; !rest.empty();) {
        const auto code = next_code_point(rest);
        if (!is_name_character(code)) {
            return bad_parameter(fmt::format(
                "Invalid non-alphanumeric character '#x{:X}' was found in the message attribute "
                "name. Can only include alphanumeric characters, hyphens, underscores, or dots.",
                code
            ));
        }
    }
    if (starts_with_ignoring_case(name, "aws.") || starts_with_ignoring_case(name, "amazon.")) {
        return bad_parameter(
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These "
            "strings are reserved for internal use."
        );
    }
    if (name.front() == '.' || name.back() == '.' || name.find("..") != std::string_view::npos) {
        return bad_parameter(fmt::format(
            "Invalid message attribute name '{}': it must not start or end with a dot, nor have "
            "two in succession.",
            name
        ));
    }
    return std::nullopt;
}

/// "Number" of "Number.float"; "" for what is none of SQS' types.
std::string_view base_type(std::string_view type) noexcept {
    const auto base = type.substr(0, type.find('.'));
    return base == "String" || base == "Number" || base == "Binary" ? base : std::string_view{};
}

/// A sign, digits with a point among them, an exponent; up to 38 digits. Source: AWS' guide.
bool is_number(std::string_view text) noexcept {
    const auto take_sign = [&] {
        if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
            text.remove_prefix(1);
        }
    };
    const auto take_digits = [&] {
        const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
        text.remove_prefix(end);
        return end;
    };
    take_sign();
    auto digits = take_digits();
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        digits += take_digits();
    }
    if (digits == 0 || digits > kMostNumberDigits) {
        return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        take_sign();
        const auto exponent = take_digits();
        return exponent > 0 && exponent <= 3 && text.empty();
    }
    return text.empty();
}

std::optional<Refusal> refuse_attribute_type(std::string_view name, std::string_view type) {
    if (type.empty()) {
        return bad_parameter(fmt::format(
            "Message (user) attribute '{}' must contain a non-empty attribute type.", name
        ));
    }
    if (type.size() > kLongestAttributeType) {
        return bad_parameter(fmt::format(
            "Message (user) attribute '{}' has an invalid type: types must be shorter than {} "
            "bytes.",
            name,
            kLongestAttributeType
        ));
    }
    if (base_type(type).empty() || type.back() == '.' || !has_only_message_characters(type)) {
        return bad_parameter(fmt::format(
            "Message (user) attribute '{}' has an invalid message attribute type, the set of "
            "supported type prefixes is Binary, Number, and String.",
            name
        ));
    }
    return std::nullopt;
}

}  // namespace

std::int64_t size_of(const NewMessage& message) noexcept {
    auto size = message.body.size();
    for (const auto& [name, attribute] : message.attributes) {
        size += name.size() + attribute.type.size() + attribute.value.size();
    }
    return static_cast<std::int64_t>(size);
}

bool has_only_message_characters(std::string_view text) noexcept {
    bool ascii = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') {
            return false;
        }
        ascii = ascii && byte < 0x80;
        if (byte == 0xef && is_noncharacter(text, i)) {
            return false;
        }
    }
    return ascii || is_utf8(text);
}

std::optional<Refusal> refuse_attribute(
    std::string_view name, const ports::MessageAttribute& attribute
) {
    if (auto refusal = refuse_attribute_name(name)) {
        return refusal;
    }
    if (auto refusal = refuse_attribute_type(name, attribute.type)) {
        return refusal;
    }
    const auto base = base_type(attribute.type);
    if (attribute.value.empty()) {
        return bad_parameter(fmt::format(
            "Message (user) attribute '{}' must contain a non-empty value of type '{}'.",
            name,
            base == "Binary" ? "Binary" : "String"
        ));
    }
    if (base != "Binary" && !has_only_message_characters(attribute.value)) {
        return bad_parameter(fmt::format(
            "Invalid characters were found in the value of message (user) attribute '{}'. Valid "
            "unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 "
            "to #x10FFFF.",
            name
        ));
    }
    if (base == "Number" && !is_number(attribute.value)) {
        return bad_parameter(
            fmt::format("Can't cast the value of message (user) attribute '{}' to a number.", name)
        );
    }
    return std::nullopt;
}

std::optional<Refusal> refuse_message(const QueueDefinition& queue, const NewMessage& message) {
    if (message.body.empty()) {
        return Refusal{
            RefusalCode::missing_parameter, "The request must contain the parameter MessageBody."};
    }
    if (size_of(message) > queue.maximum_message_bytes) {
        return bad_parameter(fmt::format(
            "One or more parameters are invalid. Reason: Message must be shorter than {} bytes.",
            queue.maximum_message_bytes
        ));
    }
    if (!has_only_message_characters(message.body)) {
        return Refusal{
            RefusalCode::invalid_message_contents,
            "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to "
            "#xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF."};
    }
    if (message.attributes.size() > kMostAttributes) {
        return bad_parameter(fmt::format(
            "Number of message attributes [{}] exceeds the allowed maximum [{}].",
            message.attributes.size(),
            kMostAttributes
        ));
    }
    for (const auto& [name, attribute] : message.attributes) {
        if (auto refusal = refuse_attribute(name, attribute)) {
            return refusal;
        }
    }
    return std::nullopt;
}

std::optional<Refusal> refuse_placement(const QueueDefinition& queue, const NewMessage& message) {
    if (message.delay) {
        const auto delay = message.delay->count();
        if (auto refusal = refuse_outside(
                "DelaySeconds", delay, 0, 900, "DelaySeconds must be >= 0 and <= 900."
            )) {
            return refusal;
        }
        if (queue.fifo && delay > 0) {
            return bad_parameter(fmt::format(
                "Value {} for parameter DelaySeconds is invalid. Reason: The request include "
                "parameter that is not valid for this queue type.",
                delay
            ));
        }
    }
    if (message.group) {
        if (auto refusal = refuse_token("MessageGroupId", *message.group)) {
            return refusal;
        }
    } else if (queue.fifo) {
        return Refusal{
            RefusalCode::missing_parameter,
            "The request must contain the parameter MessageGroupId."};
    }
    if (!message.deduplication) {
        if (queue.fifo && !queue.fifo->content_deduplication) {
            return bad_parameter(
                "The queue should either have ContentBasedDeduplication enabled or "
                "MessageDeduplicationId provided explicitly"
            );
        }
        return std::nullopt;
    }
    if (!queue.fifo) {
        return bad_parameter(fmt::format(
            "Value {} for parameter MessageDeduplicationId is invalid. Reason: The request include "
            "parameter that is not valid for this queue type.",
            *message.deduplication
        ));
    }
    return refuse_token("MessageDeduplicationId", *message.deduplication);
}

std::optional<Refusal> refuse_outside(
    std::string_view parameter,
    std::int64_t value,
    std::int64_t low,
    std::int64_t high,
    std::string_view reason
) {
    if (value >= low && value <= high) {
        return std::nullopt;
    }
    return bad_parameter(
        fmt::format("Value {} for parameter {} is invalid. Reason: {}", value, parameter, reason)
    );
}

std::optional<Refusal> refuse_token(std::string_view parameter, std::string_view value) {
    const bool good =
        !value.empty() && value.size() <= kLongestToken &&
        std::all_of(value.begin(), value.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (good) {
        return std::nullopt;
    }
    return bad_parameter(fmt::format(
        "Value {} for parameter {} is invalid. Reason: {} can only include alphanumeric and "
        "punctuation characters. 1 to 128 in length.",
        value,
        parameter,
        parameter
    ));
}

}  // namespace kiln::queue
