#include "jsonpath/regex.hpp"

#include <array>
#include <stdexcept>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace kiln::jsonpath {

namespace {

/// Steps of the matcher; a pattern that needs more backtracks without end.
constexpr std::uint32_t kMatchLimit = 20'000;
constexpr std::uint32_t kHeapLimitKib = 1024;

std::uint32_t options_of(std::string_view flags) {
    std::uint32_t options = PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_UTF |
                            PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    for (const char flag : flags) {
        switch (flag) {
            case 'i':
                options |= PCRE2_CASELESS;
                break;
            case 'm':
                options |= PCRE2_MULTILINE;
                break;
            case 's':
                options |= PCRE2_DOTALL;
                break;
            case 'x':
                options |= PCRE2_EXTENDED;
                break;
            case 'd':
            case 'u':
            case 'U':
                break;
            default:
                throw std::invalid_argument{std::string{"no flag '"} + flag + "' of a pattern"};
        }
    }
    return options;
}

std::string text_of(int error) {
    std::array<unsigned char, 200> text{};
    pcre2_get_error_message(error, text.data(), text.size());
    return reinterpret_cast<const char*>(text.data());
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Regex::Regex(std::string_view pattern, std::string_view flags) {
    int error = 0;
    std::size_t offset = 0;
    auto* code = pcre2_compile(
        bytes_of(pattern), pattern.size(), options_of(flags), &error, &offset, nullptr
    );
    if (code == nullptr) {
        throw std::invalid_argument{
            "the pattern is wrong at its character " + std::to_string(offset) + ": " +
            text_of(error)};
    }
    code_ = std::shared_ptr<pcre2_code>{code, pcre2_code_free};
}

Regex::Answer Regex::matches(std::string_view text) const {
    const auto* code = static_cast<const pcre2_code*>(code_.get());
    const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> found{
        pcre2_match_data_create(1, nullptr), pcre2_match_data_free};
    const std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> limits{
        pcre2_match_context_create(nullptr), pcre2_match_context_free};
    if (!found || !limits) {
        return Answer::gave_up;
    }
    pcre2_set_match_limit(limits.get(), kMatchLimit);
    pcre2_set_heap_limit(limits.get(), kHeapLimitKib);
    const int answer =
        pcre2_match(code, bytes_of(text), text.size(), 0, 0, found.get(), limits.get());
    if (answer >= 0) {
        return Answer::yes;
    }
    return answer == PCRE2_ERROR_NOMATCH ? Answer::no : Answer::gave_up;
}

}  // namespace kiln::jsonpath
