#include "jsonata/regex.hpp"

#include "base/utf8.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/text.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace kiln::jsonata {

namespace {

/// Steps of one search: about a tenth of a second.
constexpr std::uint32_t kMatchLimit = 1'000'000;
constexpr std::uint32_t kDepthLimit = 100'000;
constexpr std::uint32_t kHeapLimitKib = 64U << 10;

/// What JavaScript means: `\u` escapes, `[]` and `[^]` allowed, a reference to a group that took no
/// part matches nothing, `$` without `m` only at the very end.
constexpr std::uint32_t kOptions = PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_ALLOW_EMPTY_CLASS |
                                   PCRE2_MATCH_UNSET_BACKREF | PCRE2_DOLLAR_ENDONLY |
                                   PCRE2_NEVER_BACKSLASH_C;

const auto* bytes(std::string_view text) {
    static constexpr char kEmpty = 0;
    return reinterpret_cast<PCRE2_SPTR>(text.data() == nullptr ? &kEmpty : text.data());
}

std::string message_of(int code) {
    char text[256] = {};
    pcre2_get_error_message(code, reinterpret_cast<PCRE2_UCHAR*>(text), sizeof text);
    return text;
}

using CompileContext =
    std::unique_ptr<pcre2_compile_context, decltype(&pcre2_compile_context_free)>;
using MatchContext = std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)>;
using MatchData = std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)>;

}  // namespace

struct Regex::Code {
    explicit Code(pcre2_code* compiled)
        : code{compiled, &pcre2_code_free},
          context{pcre2_match_context_create(nullptr), &pcre2_match_context_free} {
        pcre2_set_match_limit(context.get(), kMatchLimit);
        pcre2_set_depth_limit(context.get(), kDepthLimit);
        pcre2_set_heap_limit(context.get(), kHeapLimitKib);
    }

    std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)> code;
    MatchContext context;
};

Regex::Regex(std::string_view pattern, std::string_view flags, std::size_t position)
    : pattern_{pattern} {
    const CompileContext context{
        pcre2_compile_context_create(nullptr), &pcre2_compile_context_free};
    pcre2_set_newline(context.get(), PCRE2_NEWLINE_ANYCRLF);
    auto options = kOptions;
    options |= flags.find('i') != std::string_view::npos ? PCRE2_CASELESS : 0U;
    options |= flags.find('m') != std::string_view::npos ? PCRE2_MULTILINE : 0U;
    int code = 0;
    PCRE2_SIZE at = 0;
    auto* const compiled =
        pcre2_compile(bytes(pattern), pattern.size(), options, &code, &at, context.get());
    if (compiled == nullptr) {
        Failure failure{"S0303", position};
        failure.value = json_text(pattern);
        failure.text = message_of(code);
        throw failure;
    }
    code_ = std::make_shared<const Code>(compiled);
}

Subject::Subject(std::string_view text) : text_{text} {
    if (is_utf8(text)) {
        return;
    }
    // Of three bytes each in the texts of this module; anything else would be a fault of the
    // caller.
    clean_.emplace(text);
    for (std::size_t at = 0; at < clean_->size();) {
        const auto length = code_point_length(*clean_, at);
        if (!is_utf8(std::string_view{*clean_}.substr(at, length))) {
            clean_->replace(at, length, length == 3 ? "\xEF\xBF\xBD" : std::string(length, '?'));
        }
        at += length;
    }
}

std::optional<Regex::Match> Regex::find(const Subject& subject, std::size_t from) const {
    const auto text = subject.text();
    const MatchData data{
        pcre2_match_data_create_from_pattern(code_->code.get(), nullptr), &pcre2_match_data_free};
    const auto count = pcre2_match(
        code_->code.get(),
        bytes(text),
        text.size(),
        from,
        PCRE2_NO_UTF_CHECK,
        data.get(),
        code_->context.get()
    );
    if (count == PCRE2_ERROR_NOMATCH) {
        return std::nullopt;
    }
    if (count <= 0) {
        throw Failure{Cause::time_out};
    }
    const auto* const offsets = pcre2_get_ovector_pointer(data.get());
    Match out{.whole = {offsets[0], offsets[1]}, .groups = {}};
    const auto groups = pcre2_get_ovector_count(data.get());
    for (std::uint32_t group = 1; group < groups; ++group) {
        const auto start = offsets[2 * group];
        out.groups.push_back(
            start == PCRE2_UNSET ? std::nullopt
                                 : std::optional{Range{start, offsets[2 * group + 1]}}
        );
    }
    return out;
}

}  // namespace kiln::jsonata
