#include "jsonata/number_picture.hpp"

#include "jsonata/failure.hpp"
#include "jsonata/text.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

namespace kiln::jsonata {

namespace {

constexpr auto kNone = std::u32string::npos;

std::u32string to_u32(std::string_view text) {
    std::u32string out;
    for (const auto code : code_points(text)) {
        out += static_cast<char32_t>(code);
    }
    return out;
}

/// A picture cut into its parts.
struct Parts {
    std::u32string text;
    std::u32string prefix;
    std::u32string suffix;
    std::u32string active;
    std::u32string mantissa;
    std::optional<std::u32string> exponent;
    std::u32string integer;
    std::u32string fraction;
};

Parts split(const std::u32string& text, const NumberSymbols& symbols) {
    const auto starts = [&](char32_t letter) {
        return symbols.is_active(letter) && symbols.exponent != std::u32string{letter};
    };
    Parts out;
    out.text = text;
    const auto first = std::find_if(text.begin(), text.end(), starts);
    const auto last = std::find_if(text.rbegin(), text.rend(), starts);
    out.prefix.assign(text.begin(), first);
    if (first != text.end()) {
        out.suffix.assign(last.base(), text.end());
    }
    out.active =
        text.substr(out.prefix.size(), text.size() - out.prefix.size() - out.suffix.size());
    const auto mark = text.find(symbols.exponent, out.prefix.size());
    out.mantissa = out.active;
    if (mark != kNone && mark <= text.size() - out.suffix.size()) {
        out.mantissa = out.active.substr(0, mark);
        out.exponent = mark + 1 <= out.active.size() ? out.active.substr(mark + 1) : U"";
    }
    const auto point = out.mantissa.find(symbols.decimal);
    out.integer = out.mantissa.substr(0, point);
    out.fraction =
        point == kNone ? out.suffix : out.mantissa.substr(point + symbols.decimal.size());
    return out;
}

bool repeated(const std::u32string& text, const std::u32string& part) {
    return text.find(part) != text.rfind(part);
}

bool contains(const std::u32string& text, const std::u32string& part) {
    return text.find(part) != kNone;
}

bool is_optional(char32_t letter, const NumberSymbols& symbols) {
    return symbols.digit == std::u32string{letter};
}

std::size_t count_digits(
    std::u32string_view text, const NumberSymbols& symbols, bool optional_too
) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [&](char32_t letter) {
        return symbols.is_digit(letter) || (optional_too && is_optional(letter, symbols));
    }));
}

std::string_view problem_of_separators(const Parts& parts, const NumberSymbols& symbols) {
    const auto& text = parts.text;
    const auto at = [&](std::size_t index) {
        return index < text.size() ? std::u32string{text[index]} : std::u32string{};
    };
    const auto point = text.find(symbols.decimal);
    std::string_view out;
    if (point != kNone) {
        if ((point > 0 && at(point - 1) == symbols.grouping) || at(point + 1) == symbols.grouping) {
            out = "D3087";
        }
    } else if (!parts.integer.empty() && std::u32string{parts.integer.back()} == symbols.grouping) {
        out = "D3088";
    }
    return contains(text, symbols.grouping + symbols.grouping) ? "D3089" : out;
}

std::string_view problem_of_digits(const Parts& parts, const NumberSymbols& symbols) {
    std::string_view out;
    const auto first = parts.integer.find(symbols.digit);
    if (first != kNone && count_digits(parts.integer.substr(0, first), symbols, false) > 0) {
        out = "D3090";
    }
    const auto last = parts.fraction.rfind(symbols.digit);
    if (last != kNone && count_digits(parts.fraction.substr(last), symbols, false) > 0) {
        out = "D3091";
    }
    const auto& text = parts.text;
    const bool scaled = contains(text, symbols.percent) || contains(text, symbols.per_mille);
    if (parts.exponent && !parts.exponent->empty() && scaled) {
        out = "D3092";
    }
    if (parts.exponent &&
        (parts.exponent->empty() ||
         count_digits(*parts.exponent, symbols, false) != parts.exponent->size())) {
        out = "D3093";
    }
    return out;
}

std::string_view problem_of_symbols(const Parts& parts, const NumberSymbols& symbols) {
    const auto& text = parts.text;
    std::string_view out;
    if (repeated(text, symbols.decimal)) {
        out = "D3081";
    }
    if (repeated(text, symbols.percent)) {
        out = "D3082";
    }
    if (repeated(text, symbols.per_mille)) {
        out = "D3083";
    }
    if (contains(text, symbols.percent) && contains(text, symbols.per_mille)) {
        out = "D3084";
    }
    if (count_digits(parts.mantissa, symbols, true) == 0) {
        out = "D3085";
    }
    const bool passive =
        std::any_of(parts.active.begin(), parts.active.end(), [&](char32_t letter) {
            return !symbols.is_active(letter);
        });
    return passive ? "D3086" : out;
}

/// Of several problems the last is told, as JSONata does.
void check(const Parts& parts, const NumberSymbols& symbols) {
    std::string_view problem;
    for (const auto found :
         {problem_of_symbols(parts, symbols),
          problem_of_separators(parts, symbols),
          problem_of_digits(parts, symbols)}) {
        problem = found.empty() ? problem : found;
    }
    if (!problem.empty()) {
        throw Failure{problem};
    }
}

/// Digits behind (or, `before`, in front of) each separator. Further ones are looked for in the
/// integer part, whichever part it is: JSONata does so.
std::vector<std::size_t> group_positions(
    const std::u32string& part, const Parts& parts, const NumberSymbols& symbols, bool before
) {
    std::vector<std::size_t> out;
    if (symbols.grouping.empty()) {
        return out;
    }
    for (auto at = part.find(symbols.grouping); at != kNone;
         at = parts.integer.find(symbols.grouping, at + 1)) {
        const auto bounded = std::min(at, part.size());
        out.push_back(
            count_digits(before ? part.substr(0, bounded) : part.substr(bounded), symbols, true)
        );
    }
    return out;
}

std::size_t regular_distance(const std::vector<std::size_t>& positions) {
    std::size_t factor = 0;
    for (const auto position : positions) {
        factor = std::gcd(factor, position);
    }
    for (std::size_t number = 1; number <= positions.size(); ++number) {
        if (std::find(positions.begin(), positions.end(), number * factor) == positions.end()) {
            return 0;
        }
    }
    return factor;
}

NumberPicture analyse(const Parts& parts, const NumberSymbols& symbols) {
    NumberPicture out;
    out.text = parts.text;
    out.prefix = parts.prefix;
    out.suffix = parts.suffix;
    out.integer_groups = group_positions(parts.integer, parts, symbols, false);
    out.regular = regular_distance(out.integer_groups);
    out.fraction_groups = group_positions(parts.fraction, parts, symbols, true);
    out.integer_size = count_digits(parts.integer, symbols, false);
    out.scaling = out.integer_size;
    out.fraction_least = count_digits(parts.fraction, symbols, false);
    out.fraction_most = count_digits(parts.fraction, symbols, true);
    const bool scientific = parts.exponent.has_value();
    if (out.integer_size == 0 && out.fraction_most == 0) {
        if (scientific) {
            out.fraction_least = 1;
            out.fraction_most = 1;
        } else {
            out.integer_size = 1;
        }
    }
    if (scientific && out.integer_size == 0 && contains(parts.integer, symbols.digit)) {
        out.integer_size = 1;
    }
    if (out.integer_size == 0 && out.fraction_least == 0) {
        out.fraction_least = 1;
    }
    out.exponent_size = scientific ? count_digits(*parts.exponent, symbols, false) : 0;
    return out;
}

}  // namespace

bool NumberSymbols::is_active(char32_t letter) const {
    if (is_digit(letter)) {
        return true;
    }
    const std::u32string text{letter};
    return text == decimal || text == exponent || text == grouping || text == digit ||
           text == pattern;
}

NumberSymbols read_symbols(Value options) {
    NumberSymbols out;
    if (!options.is_object()) {
        return out;
    }
    const std::pair<std::string_view, std::u32string*> names[] = {
        {"decimal-separator", &out.decimal},
        {"grouping-separator", &out.grouping},
        {"exponent-separator", &out.exponent},
        {"minus-sign", &out.minus},
        {"percent", &out.percent},
        {"per-mille", &out.per_mille},
        {"digit", &out.digit},
        {"pattern-separator", &out.pattern}};
    for (const auto& [name, symbol] : names) {
        const auto given = member_of(options, name);
        if (given.is(Kind::string) && given.length > 0) {
            *symbol = to_u32(given.text());
        }
    }
    const auto zero = member_of(options, "zero-digit");
    if (zero.is(Kind::string) && zero.length > 0) {
        out.zero = to_u32(zero.text())[0];
    }
    return out;
}

std::pair<NumberPicture, NumberPicture> read_number_pictures(
    std::string_view picture, const NumberSymbols& symbols
) {
    auto rest = to_u32(picture);
    std::vector<std::u32string> texts;
    for (auto at = rest.find(symbols.pattern); at != kNone; at = rest.find(symbols.pattern)) {
        texts.push_back(rest.substr(0, at));
        rest.erase(0, at + symbols.pattern.size());
    }
    texts.push_back(rest);
    if (texts.size() > 2) {
        throw Failure{"D3080"};
    }
    std::vector<Parts> parts;
    for (const auto& text : texts) {
        parts.push_back(split(text, symbols));
    }
    for (const auto& part : parts) {
        check(part, symbols);
    }
    const auto positive = analyse(parts[0], symbols);
    auto negative = parts.size() == 2 ? analyse(parts[1], symbols) : positive;
    if (parts.size() == 1) {
        negative.prefix = symbols.minus + negative.prefix;
    }
    return {positive, negative};
}

std::string to_utf8_text(const std::u32string& text) {
    std::string out;
    for (const auto letter : text) {
        append_code_point(out, letter);
    }
    return out;
}

}  // namespace kiln::jsonata
