// $match, $contains, $replace, $split: with a text or with a pattern.

#include "jsonata/failure.hpp"
#include "jsonata/matcher.hpp"
#include "jsonata/numbers.hpp"
#include "jsonata/text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace kiln::jsonata {

namespace {

/// How many matches are wanted. @throws Failure  `code`: fewer than none
double limit_of(Value limit, std::string_view code, std::size_t index) {
    if (!limit.defined()) {
        return std::numeric_limits<double>::infinity();
    }
    if (limit.number < 0) {
        Failure failure{code};
        failure.value = describe(limit);
        failure.index = index;
        throw failure;
    }
    return std::floor(limit.number);
}

Value contains(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined() || !arguments[1].defined()) {
        return arguments[0].defined() ? Value::of(false) : Value{};
    }
    const auto text = arguments[0].text();
    if (arguments[1].is(Kind::string)) {
        return Value::of(text.find(arguments[1].text()) != std::string_view::npos);
    }
    return Value::of(Matches{evaluator, arguments[1], text}.next().has_value());
}

Value match(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined()) {
        return {};
    }
    const auto limit = limit_of(arguments[2], "D3040", 3);
    const auto subject = arguments[0].text();
    auto& arena = evaluator.arena();
    auto* const out = evaluator.make_sequence();
    Matches matches{evaluator, arguments[1], subject};
    std::size_t bytes = 0;
    std::size_t units = 0;
    for (double count = 0; count < limit; ++count) {
        const auto found = matches.next();
        if (!found) {
            break;
        }
        if (found->start >= bytes) {
            units += utf16_length(subject.substr(bytes, found->start - bytes));
        } else {
            units = utf16_length(subject.substr(0, found->start));
        }
        bytes = found->start;
        auto* const entry = arena.make<Object>();
        entry->set(arena, "match", Value::of(found->text));
        entry->set(arena, "index", Value::of(static_cast<double>(units)));
        entry->set(arena, "groups", found->groups);
        out->push(arena, Value::of(entry));
    }
    return Value::of(out);
}

/// The number behind a `$`: as many digits as the count of groups has, fewer if that is too large.
std::optional<std::size_t> group_number(std::string_view digits, std::size_t groups) {
    std::size_t most = 1;
    for (auto rest = groups; rest >= 10; rest /= 10) {
        ++most;
    }
    const auto read = [&](std::size_t length) -> std::optional<std::size_t> {
        std::size_t out = 0;
        const auto text = digits.substr(0, length);
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
        return problem == std::errc{} ? std::optional{out} : std::nullopt;
    };
    const auto whole = read(most);
    return whole && most > 1 && *whole > groups ? read(most - 1) : whole;
}

/// The replacement with `$$`, `$0`, `$1`, … filled in.
std::string substituted(std::string_view replacement, const Found& found) {
    const auto groups = size_of(found.groups);
    std::string out;
    for (auto dollar = replacement.find('$'); dollar != std::string_view::npos;
         dollar = replacement.find('$')) {
        out += replacement.substr(0, dollar);
        replacement.remove_prefix(dollar + 1);
        if (replacement.starts_with('$')) {
            out += '$';
            replacement.remove_prefix(1);
        } else if (replacement.starts_with('0')) {
            out += found.text;
            replacement.remove_prefix(1);
        } else if (const auto number = group_number(replacement, groups)) {
            if (*number >= 1 && *number <= groups) {
                const auto group = item_of(found.groups, *number - 1);
                out += group.is(Kind::string) ? group.text() : std::string_view{};
            }
            replacement.remove_prefix(std::min(std::to_string(*number).size(), replacement.size()));
        } else {
            out += '$';
        }
    }
    out += replacement;
    return out;
}

std::string replace_text(
    Evaluator& evaluator, std::string_view text, Value pattern, Value replacement, double limit
) {
    std::string out;
    std::size_t position = 0;
    const auto with =
        replacement.is(Kind::string) ? replacement.text() : std::string_view{"undefined"};
    for (double count = 0; count < limit; ++count) {
        evaluator.tick();
        const auto at = text.find(pattern.text(), position);
        if (at == std::string_view::npos) {
            break;
        }
        out += text.substr(position, at - position);
        out += with;
        position = at + pattern.length;
        evaluator.arena().check_room(out.size());
    }
    out += text.substr(position);
    return out;
}

std::string replace_matches(
    Evaluator& evaluator, std::string_view text, Value pattern, Value replacement, double limit
) {
    std::string out;
    std::size_t position = 0;
    Matches matches{evaluator, pattern, text};
    for (double count = 0; count < limit; ++count) {
        const auto found = matches.next();
        if (!found) {
            break;
        }
        const auto start = std::max(found->start, position);
        out += text.substr(position, start - position);
        if (replacement.is(Kind::string)) {
            out += substituted(replacement.text(), *found);
        } else {
            const auto argument = matches.value_of(*found);
            const auto with = evaluator.apply(replacement, {&argument, 1}, {});
            if (!with.is(Kind::string)) {
                throw Failure{"D3012"}.about(describe(with));
            }
            out += with.text();
        }
        position = std::min(start + found->text.size(), text.size());
        evaluator.arena().check_room(out.size());
    }
    out += text.substr(position);
    return out;
}

Value replace(Evaluator& evaluator, const Arguments& arguments) {
    const auto pattern = arguments[1];
    if (!arguments[0].defined() || !pattern.defined()) {
        return arguments[0];
    }
    if (pattern.is(Kind::string) && pattern.length == 0) {
        Failure failure{"D3010"};
        failure.value = describe(pattern);
        failure.index = 2;
        throw failure;
    }
    const auto limit = limit_of(arguments[3], "D3011", 4);
    const auto text = arguments[0].text();
    if (pattern.is(Kind::string)) {
        return evaluator.text(replace_text(evaluator, text, pattern, arguments[2], limit));
    }
    return evaluator.text(replace_matches(evaluator, text, pattern, arguments[2], limit));
}

void split_text(
    Evaluator& evaluator,
    std::string_view text,
    std::string_view separator,
    double limit,
    Array& out
) {
    const auto add = [&](std::string_view part) {
        evaluator.tick();
        if (static_cast<double>(out.size()) < limit) {
            out.push(evaluator.arena(), Value::of(part));
        }
    };
    if (separator.empty()) {
        for (std::size_t at = 0; at < text.size();) {
            const auto length = code_point_length(text, at);
            add(text.substr(at, length));
            at += length;
        }
        return;
    }
    for (auto at = text.find(separator); at != std::string_view::npos; at = text.find(separator)) {
        add(text.substr(0, at));
        text.remove_prefix(at + separator.size());
    }
    add(text);
}

Value split(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined()) {
        return {};
    }
    const auto limit = limit_of(arguments[2], "D3020", 3);
    const auto text = arguments[0].text();
    auto& arena = evaluator.arena();
    auto* const out = arena.make<Array>();
    if (!arguments[1].defined()) {
        out->push(arena, arguments[0]);
        return Value::of(out);
    }
    if (arguments[1].is(Kind::string)) {
        split_text(evaluator, text, arguments[1].text(), limit, *out);
        return Value::of(out);
    }
    Matches matches{evaluator, arguments[1], text};
    std::size_t start = 0;
    double count = 0;
    for (; count < limit; ++count) {
        const auto found = matches.next();
        if (!found) {
            break;
        }
        out->push(arena, Value::of(text.substr(start, std::max(found->start, start) - start)));
        start = std::min(found->end, text.size());
    }
    if (count < limit) {
        out->push(arena, Value::of(text.substr(start)));
    }
    return Value::of(out);
}

constexpr std::array kFunctions{
    Builtin{"match", "<s-f<s:o>n?:a<o>>", 3, match},
    Builtin{"contains", "<s-(sf):b>", 2, contains},
    Builtin{"replace", "<s-(sf)(sf)n?:s>", 4, replace},
    Builtin{"split", "<s-(sf)n?:a<s>>", 3, split},
};

}  // namespace

std::span<const Builtin> pattern_functions() {
    return kFunctions;
}

}  // namespace kiln::jsonata
