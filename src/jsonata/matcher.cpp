#include "jsonata/matcher.hpp"

#include "jsonata/failure.hpp"
#include "jsonata/text.hpp"

namespace kiln::jsonata {

namespace {

std::optional<Found> find(
    Evaluator& evaluator,
    const Node& regex,
    const Subject& searched,
    std::string_view subject,
    std::size_t from,
    bool first
) {
    if (!first && from >= subject.size()) {
        return std::nullopt;
    }
    evaluator.tick();
    const auto match = regex.regex->find(searched, from);
    if (!match) {
        return std::nullopt;
    }
    const auto part = [&](Regex::Range range) {
        return subject.substr(range.start, range.end - range.start);
    };
    const auto text = part(match->whole);
    if (!first && text.empty()) {
        throw Failure{"D1004", regex.position}.about(json_text(regex.regex->pattern()));
    }
    auto* const groups = evaluator.arena().make<Array>();
    for (const auto& group : match->groups) {
        groups->push(evaluator.arena(), group ? Value::of(part(*group)) : Value{});
    }
    return Found{text, match->whole.start, match->whole.end, Value::of(groups), {}};
}

/// The function under its wrapping, if it is a regular expression.
const Node* regex_of(Value pattern) {
    const auto* function = pattern.is(Kind::function) ? pattern.function : nullptr;
    while (function != nullptr && function->kind == FunctionKind::enclosed) {
        function = function->first;
    }
    const bool regex = function != nullptr && function->kind == FunctionKind::matcher;
    return regex ? function->node : nullptr;
}

Value object_of(
    Evaluator& evaluator, const Node& regex, std::string_view subject, const Found& found
) {
    auto& arena = evaluator.arena();
    auto* const next = arena.make<Function>(Function{
        .kind = FunctionKind::next_match, .node = &regex, .subject = subject, .from = found.end});
    const auto units = [&](std::size_t bytes) {
        return Value::of(static_cast<double>(utf16_length(subject.substr(0, bytes))));
    };
    auto* const out = arena.make<Object>();
    out->set(arena, "match", Value::of(found.text));
    out->set(arena, "start", units(found.start));
    out->set(arena, "end", units(found.end));
    out->set(arena, "groups", found.groups);
    out->set(arena, "next", Value::of(next));
    return Value::of(out);
}

}  // namespace

Matches::Matches(Evaluator& evaluator, Value pattern, std::string_view subject)
    : evaluator_{evaluator}, pattern_{pattern}, regex_{regex_of(pattern)}, subject_{subject} {
    if (regex_ != nullptr) {
        searched_.emplace(subject);
    }
}

std::optional<Found> Matches::next() {
    const bool first = !std::exchange(started_, true);
    if (regex_ != nullptr) {
        auto out = find(evaluator_, *regex_, *searched_, subject_, from_, first);
        from_ = out ? out->end : from_;
        return out;
    }
    const auto subject = Value::of(subject_);
    return read(
        first ? evaluator_.apply(pattern_, {&subject, 1}, {}) : evaluator_.apply(follower_, {}, {})
    );
}

std::optional<Found> Matches::read(Value answer) {
    if (!answer.defined()) {
        return std::nullopt;
    }
    const auto field = [&](std::string_view name) {
        return answer.is_object() ? member_of(answer, name) : Value{};
    };
    const auto start = field("start");
    const auto end = field("end");
    const auto text = field("match");
    follower_ = field("next");
    const auto groups = field("groups");
    if (!start.is(Kind::number) || !text.is(Kind::string) || !follower_.is(Kind::function)) {
        throw Failure{"T1010"};
    }
    const auto byte = [&](double unit) {
        return byte_of_utf16(
            subject_, unit > 0 ? static_cast<std::size_t>(std::min(unit, 4e9)) : 0
        );
    };
    Found out{text.text(), byte(start.number), 0, groups, answer};
    out.end = end.is(Kind::number) ? std::max(byte(end.number), out.start) : out.start;
    if (!groups.is_array()) {
        out.groups = Value::of(evaluator_.arena().make<Array>());
    }
    return out;
}

Value Matches::value_of(const Found& found) {
    return regex_ == nullptr ? found.whole : object_of(evaluator_, *regex_, subject_, found);
}

Value match_value(
    Evaluator& evaluator, const Function& function, std::span<const Value> arguments
) {
    const bool first = function.kind == FunctionKind::matcher;
    auto subject = function.subject;
    auto from = function.from;
    if (first) {
        if (arguments.empty() || !arguments[0].is(Kind::string)) {
            return {};
        }
        subject = arguments[0].text();
        const bool placed =
            arguments.size() > 1 && arguments[1].is(Kind::number) && arguments[1].number > 0;
        from = placed ? byte_of_utf16(
                            subject, static_cast<std::size_t>(std::min(arguments[1].number, 4e9))
                        )
                      : 0;
    }
    const auto found = find(evaluator, *function.node, Subject{subject}, subject, from, first);
    return found ? object_of(evaluator, *function.node, subject, *found) : Value{};
}

}  // namespace kiln::jsonata
