#include "jsonata/number_words.hpp"

#include "jsonata/failure.hpp"
#include "jsonata/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <vector>

namespace kiln::jsonata {

namespace {

constexpr std::array<std::string_view, 20> kFew{
    "Zero",     "One",     "Two",     "Three",     "Four",     "Five",    "Six",
    "Seven",    "Eight",   "Nine",    "Ten",       "Eleven",   "Twelve",  "Thirteen",
    "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen"};
constexpr std::array<std::string_view, 20> kOrdinals{
    "Zeroth",     "First",     "Second",    "Third",       "Fourth",     "Fifth",     "Sixth",
    "Seventh",    "Eighth",    "Ninth",     "Tenth",       "Eleventh",   "Twelfth",   "Thirteenth",
    "Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth", "Nineteenth"};
constexpr std::array<std::string_view, 9> kDecades{
    "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety", "Hundred"};
constexpr std::array<std::string_view, 4> kMagnitudes{"Thousand", "Million", "Billion", "Trillion"};

constexpr std::array<std::pair<int, std::string_view>, 13> kRoman{
    {{1000, "m"},
     {900, "cm"},
     {500, "d"},
     {400, "cd"},
     {100, "c"},
     {90, "xc"},
     {50, "l"},
     {40, "xl"},
     {10, "x"},
     {9, "ix"},
     {5, "v"},
     {4, "iv"},
     {1, "i"}}};

/// Roman numerals and spelled numbers grow with the number.
constexpr double kLargestRoman = 1e6;
constexpr int kDeepestWords = 40;

std::string words(double number, bool follows, bool ordinal, int depth) {
    if (depth > kDeepestWords) {
        throw Failure{Cause::stack};
    }
    const auto index = [](double value) { return static_cast<std::size_t>(value); };
    if (number <= 19) {
        return (follows ? " and " : "") +
               std::string{ordinal ? kOrdinals[index(number)] : kFew[index(number)]};
    }
    if (number < 100) {
        const auto rest = std::fmod(number, 10);
        auto out = (follows ? " and " : "") + std::string{kDecades[index(number / 10) - 2]};
        if (rest > 0) {
            return out + "-" + words(rest, false, ordinal, depth + 1);
        }
        return ordinal ? out.substr(0, out.size() - 1) + "ieth" : out;
    }
    const auto finish = [&](std::string out, double rest) {
        return rest > 0 ? out + words(rest, true, ordinal, depth + 1) : out + (ordinal ? "th" : "");
    };
    const std::string start = follows ? ", " : "";
    if (number < 1000) {
        return finish(
            start + std::string{kFew[index(number / 100)]} + " Hundred", std::fmod(number, 100)
        );
    }
    const auto magnitude =
        std::min(static_cast<std::size_t>(std::floor(std::log10(number) / 3)), kMagnitudes.size());
    const auto factor = std::pow(10, static_cast<double>(magnitude) * 3);
    const auto times = std::floor(number / factor);
    return finish(
        start + words(times, false, false, depth + 1) + " " +
            std::string{kMagnitudes[magnitude - 1]},
        number - times * factor
    );
}

const std::vector<std::pair<std::string, double>>& word_values() {
    static const auto kValues = [] {
        std::vector<std::pair<std::string, double>> out;
        for (const auto* const list : {&kFew, &kOrdinals}) {
            for (std::size_t number = 0; number < list->size(); ++number) {
                out.emplace_back(lower(list->at(number)), static_cast<double>(number));
            }
        }
        for (std::size_t number = 0; number < kDecades.size(); ++number) {
            const auto word = lower(kDecades[number]);
            const auto value = static_cast<double>(number + 2) * 10;
            out.emplace_back(word, value);
            out.emplace_back(word.substr(0, word.size() - 1) + "ieth", value);
        }
        out.emplace_back("hundredth", 100);
        for (std::size_t number = 0; number < kMagnitudes.size(); ++number) {
            const auto word = lower(kMagnitudes[number]);
            const auto value = std::pow(10, static_cast<double>(number + 1) * 3);
            out.emplace_back(word, value);
            out.emplace_back(word + "th", value);
        }
        return out;
    }();
    return kValues;
}

std::optional<double> value_of(std::string_view word) {
    static const std::unordered_map<std::string_view, double> kByWord{
        word_values().begin(), word_values().end()};
    const auto found = kByWord.find(word);
    return found == kByWord.end() ? std::nullopt : std::optional{found->second};
}

/// The words between ", ", " and ", blanks, hyphens.
std::vector<std::string_view> split_words(std::string_view text) {
    static constexpr std::string_view kBlanks = " \t\n\r\v\f";
    std::vector<std::string_view> out;
    std::size_t start = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto rest = text.substr(at);
        const bool blank = kBlanks.find(rest[0]) != std::string_view::npos;
        std::size_t length = 0;
        if (rest[0] == ',' && rest.size() > 1 && kBlanks.find(rest[1]) != std::string_view::npos) {
            length = 2;
        } else if (blank && rest.substr(1).starts_with("and") && rest.size() > 4 && kBlanks.find(rest[4]) != std::string_view::npos) {
            length = 5;
        } else if (blank || rest[0] == '-' || rest[0] == '\\') {
            length = 1;
        }
        if (length == 0) {
            ++at;
            continue;
        }
        out.push_back(text.substr(start, at - start));
        at += length;
        start = at;
    }
    out.push_back(text.substr(start));
    return out;
}

}  // namespace

std::string number_to_words(double value, bool ordinal) {
    return words(value, false, ordinal, 0);
}

std::optional<double> words_to_number(std::string_view text) {
    std::vector<double> parts{0};
    for (const auto word : split_words(text)) {
        const auto value = value_of(word);
        if (!value) {
            return std::nullopt;
        }
        if (*value >= 100) {
            parts.back() *= *value;
        } else if (parts.back() >= 1000) {
            parts.push_back(*value);
        } else {
            parts.back() += *value;
        }
    }
    double out = 0;
    for (const auto part : parts) {
        out += part;
    }
    return out;
}

std::string number_words_pattern() {
    std::string out;
    for (const auto& [word, value] : word_values()) {
        out += word + "|";
    }
    return out + "and|[\\-, ]";
}

std::string to_roman(double value) {
    if (value > kLargestRoman) {
        throw Failure{Cause::memory};
    }
    std::string out;
    for (const auto& [weight, letters] : kRoman) {
        for (; value >= weight; value -= weight) {
            out += letters;
        }
    }
    return out;
}

double from_roman(std::string_view text) {
    double out = 0;
    double largest = 1;
    for (auto at = text.size(); at > 0; --at) {
        double value = 0;
        for (const auto& [weight, letters] : kRoman) {
            value = letters.size() == 1 && letters[0] == (text[at - 1] | 0x20) ? weight : value;
        }
        out += value < largest ? -value : value;
        largest = std::max(largest, value);
    }
    return out;
}

std::string to_letters(double value, char first) {
    std::string out;
    for (; value > 0; value = std::floor((value - 1) / 26)) {
        out += static_cast<char>(first + static_cast<int>(std::fmod(value - 1, 26)));
    }
    std::reverse(out.begin(), out.end());
    return out;
}

double from_letters(std::string_view text, char first) {
    double out = 0;
    for (const char letter : text) {
        out = out * 26 + (letter - first + 1);
    }
    return out;
}

}  // namespace kiln::jsonata
