#include "flow/comparison.hpp"

#include "flow/timestamp.hpp"

#include <algorithm>
#include <compare>
#include <optional>

namespace kiln::flow {
namespace {

using asl::Comparator;

enum class Family { string, numeric, boolean, timestamp, test };
enum class Relation { equal, less, greater, less_equal, greater_equal };

struct Meaning {
    Family family;
    Relation relation = Relation::equal;
};

Meaning meaning_of(Comparator comparator) noexcept {
    using enum Relation;
    switch (comparator) {
        case Comparator::string_equals:
            return {Family::string, equal};
        case Comparator::string_less:
            return {Family::string, less};
        case Comparator::string_greater:
            return {Family::string, greater};
        case Comparator::string_less_equals:
            return {Family::string, less_equal};
        case Comparator::string_greater_equals:
            return {Family::string, greater_equal};
        case Comparator::numeric_equals:
            return {Family::numeric, equal};
        case Comparator::numeric_less:
            return {Family::numeric, less};
        case Comparator::numeric_greater:
            return {Family::numeric, greater};
        case Comparator::numeric_less_equals:
            return {Family::numeric, less_equal};
        case Comparator::numeric_greater_equals:
            return {Family::numeric, greater_equal};
        case Comparator::boolean_equals:
            return {Family::boolean, equal};
        case Comparator::timestamp_equals:
            return {Family::timestamp, equal};
        case Comparator::timestamp_less:
            return {Family::timestamp, less};
        case Comparator::timestamp_greater:
            return {Family::timestamp, greater};
        case Comparator::timestamp_less_equals:
            return {Family::timestamp, less_equal};
        case Comparator::timestamp_greater_equals:
            return {Family::timestamp, greater_equal};
        case Comparator::string_matches:
        case Comparator::is_null:
        case Comparator::is_present:
        case Comparator::is_numeric:
        case Comparator::is_string:
        case Comparator::is_boolean:
        case Comparator::is_timestamp:
            break;
    }
    return {Family::test};
}

bool fits(Relation relation, std::partial_ordering order) noexcept {
    switch (relation) {
        case Relation::equal:
            return order == 0;
        case Relation::less:
            return order < 0;
        case Relation::greater:
            return order > 0;
        case Relation::less_equal:
            return order <= 0;
        case Relation::greater_equal:
            return order >= 0;
    }
    return false;
}

/// A lead byte by the place of its characters in UTF-16's order, which is Java's: those of four
/// bytes stand before U+E000.
int rank(char c) noexcept {
    const int byte = static_cast<unsigned char>(c);
    return byte == 0xEE || byte == 0xEF ? byte + 0x10 : byte;
}

std::partial_ordering order_of(std::string_view left, std::string_view right) noexcept {
    const auto [at_left, at_right] =
        std::mismatch(left.begin(), left.end(), right.begin(), right.end());
    if (at_left == left.end() || at_right == right.end()) {
        return left.size() <=> right.size();
    }
    return rank(*at_left) <=> rank(*at_right);
}

std::partial_ordering number_order(const json::value& left, const json::value& right) {
    if (left.is_int64() && right.is_int64()) {
        return left.get_int64() <=> right.get_int64();
    }
    if (left.is_uint64() && right.is_uint64()) {
        return left.get_uint64() <=> right.get_uint64();
    }
    return left.to_number<double>() <=> right.to_number<double>();
}

std::optional<Instant> instant_of(const json::value& value) noexcept {
    const auto* text = value.if_string();
    return text != nullptr ? parse_timestamp(*text) : std::nullopt;
}

/// The order of two values of one family; unordered: one is of another type.
std::partial_ordering order_of(Family family, const json::value& left, const json::value& right) {
    constexpr auto kNone = std::partial_ordering::unordered;
    switch (family) {
        case Family::string:
            return left.is_string() && right.is_string()
                       ? order_of(std::string_view{left.get_string()}, right.get_string())
                       : kNone;
        case Family::numeric:
            return left.is_number() && right.is_number() ? number_order(left, right) : kNone;
        case Family::boolean:
            return left.is_bool() && right.is_bool()
                       ? std::partial_ordering{left.get_bool() <=> right.get_bool()}
                       : kNone;
        case Family::timestamp: {
            const auto one = instant_of(left);
            const auto other = instant_of(right);
            return one && other ? std::partial_ordering{*one <=> *other} : kNone;
        }
        case Family::test:
            break;
    }
    return kNone;
}

/// `is_…`.
bool is_so(Comparator comparator, const json::value& value) noexcept {
    if (comparator == Comparator::is_null) {
        return value.is_null();
    }
    if (comparator == Comparator::is_numeric) {
        return value.is_number();
    }
    if (comparator == Comparator::is_string) {
        return value.is_string();
    }
    if (comparator == Comparator::is_boolean) {
        return value.is_bool();
    }
    return comparator != Comparator::is_timestamp || instant_of(value).has_value();
}

/// One character of a pattern: itself, or any run.
struct Piece {
    char c;
    bool any;
};

Piece next_piece(std::string_view pattern, std::size_t& at) noexcept {
    const char c = pattern[at++];
    if (c == '\\' && at < pattern.size()) {
        return {pattern[at++], false};
    }
    return {c, c == '*'};
}

}  // namespace

/// Without backtracking but to the last `*`: linear in most cases, never worse than the product.
bool string_matches(std::string_view text, std::string_view pattern) {
    std::size_t at_text = 0;
    std::size_t at_pattern = 0;
    std::optional<std::size_t> after_star;
    std::size_t star_text = 0;
    while (at_text < text.size() || at_pattern < pattern.size()) {
        if (at_pattern < pattern.size()) {
            auto next = at_pattern;
            const auto piece = next_piece(pattern, next);
            if (piece.any) {
                after_star = at_pattern = next;
                star_text = at_text;
                continue;
            }
            if (at_text < text.size() && text[at_text] == piece.c) {
                ++at_text;
                at_pattern = next;
                continue;
            }
        }
        if (!after_star || star_text >= text.size()) {
            return false;
        }
        at_text = ++star_text;
        at_pattern = *after_star;
    }
    return true;
}

bool compare(Comparator comparator, const json::value& value, const json::value& operand) {
    const auto meaning = meaning_of(comparator);
    if (meaning.family != Family::test) {
        const auto order = order_of(meaning.family, value, operand);
        return order != std::partial_ordering::unordered && fits(meaning.relation, order);
    }
    if (comparator == Comparator::string_matches) {
        return value.is_string() && operand.is_string() &&
               string_matches(value.get_string(), operand.get_string());
    }
    const bool wanted = !operand.is_bool() || operand.get_bool();
    return is_so(comparator, value) == wanted;
}

}  // namespace kiln::flow
