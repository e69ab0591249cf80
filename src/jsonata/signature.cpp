#include "jsonata/signature.hpp"

#include "jsonata/failure.hpp"
#include "jsonata/stringify.hpp"

#include <algorithm>

namespace kiln::jsonata {

namespace {

constexpr std::uint32_t bit(char symbol) {
    return symbol >= 'a' && symbol <= 'z' ? 1U << static_cast<unsigned>(symbol - 'a') : 0U;
}

std::uint32_t set_of(std::string_view symbols) {
    std::uint32_t out = 0;
    for (const char symbol : symbols) {
        out |= bit(symbol);
    }
    return out;
}

char symbol_of(Value value) {
    switch (value.kind) {
        case Kind::string:
            return 's';
        case Kind::number:
            return 'n';
        case Kind::boolean:
            return 'b';
        case Kind::null:
            return 'l';
        case Kind::array:
        case Kind::json_array:
            return 'a';
        case Kind::object:
        case Kind::json_object:
        case Kind::tuple:
            return 'o';
        case Kind::function:
            return 'f';
        case Kind::undefined:
            break;
    }
    return 'm';
}

std::string_view plural(std::string_view symbol) {
    static constexpr std::pair<char, std::string_view> kNames[] = {
        {'a', "arrays"},
        {'b', "booleans"},
        {'f', "functions"},
        {'n', "numbers"},
        {'o', "objects"},
        {'s', "strings"}};
    for (const auto& [letter, name] : kNames) {
        if (symbol.size() == 1 && symbol[0] == letter) {
            return name;
        }
    }
    return {};
}

std::size_t closing(std::string_view text, std::size_t at, char open, char close) {
    int depth = 1;
    while (++at < text.size()) {
        if (text[at] == close && --depth == 0) {
            break;
        }
        depth += text[at] == open ? 1 : 0;
    }
    return at;
}

}  // namespace

Signature::Signature(std::string_view text) {
    for (std::size_t at = 1; at < text.size() && text[at] != ':'; ++at) {
        const char symbol = text[at];
        auto* const last = parameters_.empty() ? nullptr : &parameters_.back();
        if (std::string_view{"snblo"}.find(symbol) != std::string_view::npos) {
            parameters_.push_back({.type = symbol, .accepts = bit(symbol) | bit('m')});
        } else if (symbol == 'a' || symbol == 'x') {
            parameters_.push_back({.type = symbol, .accepts = set_of("asnblfom")});
        } else if (symbol == 'j') {
            parameters_.push_back({.type = symbol, .accepts = set_of("asnblom")});
        } else if (symbol == 'f') {
            parameters_.push_back({.type = symbol, .accepts = bit('f')});
        } else if (symbol == '(') {
            const auto end = closing(text, at, '(', ')');
            const auto choice = text.substr(at + 1, end - at - 1);
            if (choice.find('<') != std::string_view::npos) {
                throw Failure{"S0402", at}.about(json_text(choice));
            }
            parameters_.push_back({.type = '(', .accepts = set_of(choice) | bit('m')});
            at = end;
        } else if (last != nullptr && symbol == '-') {
            last->context = true;
            last->optional = true;
        } else if (last != nullptr && symbol == '?') {
            last->lazy = last->optional;
            last->optional = true;
        } else if (last != nullptr && symbol == '+') {
            last->repeated = true;
        } else if (symbol == '<') {
            if (last == nullptr || (last->type != 'a' && last->type != 'f')) {
                throw Failure{"S0401", at}.about(
                    last == nullptr ? "undefined" : json_text(std::string_view{&last->type, 1})
                );
            }
            const auto end = closing(text, at, '<', '>');
            last->item_types = text.substr(at + 1, end - at - 1);
            last->has_item_types = true;
            at = end;
        }
    }
}

/// How many symbols each parameter took. `failed` remembers the dead ends.
struct Signature::Match {
    std::size_t parameters;  ///< how many take part
    bool whole;              ///< all symbols have to be taken
    std::vector<std::size_t> taken;
    std::vector<bool> failed;
    std::size_t end = 0;
};

bool Signature::match_from(
    std::string_view symbols, std::size_t parameter, std::size_t at, Match& match
) const {
    if (parameter == match.parameters) {
        match.end = at;
        return !match.whole || at == symbols.size();
    }
    const auto place = parameter * (symbols.size() + 1) + at;
    if (match.failed[place]) {
        return false;
    }
    const auto& entry = parameters_[parameter];
    std::size_t most = 0;
    while (at + most < symbols.size() && (entry.repeated || most == 0) &&
           (entry.accepts & bit(symbols[at + most])) != 0) {
        ++most;
    }
    const std::size_t least = entry.optional ? 0 : 1;
    for (std::size_t step = 0; least + step <= most; ++step) {
        const auto count = entry.lazy ? least + step : most - step;
        match.taken[parameter] = count;
        if (match_from(symbols, parameter + 1, at + count, match)) {
            return true;
        }
    }
    match.failed[place] = true;
    return false;
}

void Signature::refuse(std::span<const Value> arguments, std::string_view symbols) const {
    std::size_t good = 0;
    for (std::size_t count = 1; count <= parameters_.size(); ++count) {
        Match match{
            count,
            false,
            std::vector<std::size_t>(count),
            std::vector<bool>(count * (symbols.size() + 1))};
        if (!match_from(symbols, 0, 0, match)) {
            break;
        }
        good = match.end;
    }
    Failure failure{"T0410"};
    failure.value = good < arguments.size() ? describe(arguments[good]) : "undefined";
    failure.index = good + 1;
    throw failure;
}

void Signature::check_items(
    Value argument, char symbol, std::size_t matched, const Parameter& parameter, std::size_t index
) const {
    bool good = true;
    if (symbol != 'a') {
        good = matched == 1 && parameter.item_types == std::string_view{&symbol, 1};
    } else if (size_of(argument) > 0) {
        const auto wanted = parameter.item_types.empty() ? '\0' : parameter.item_types[0];
        for (std::size_t number = 0; good && number < size_of(argument); ++number) {
            good = symbol_of(item_of(argument, number)) == wanted;
        }
    }
    if (!good) {
        Failure failure{"T0412"};
        failure.value = describe(argument);
        failure.index = index;
        failure.type = plural(parameter.item_types);
        throw failure;
    }
}

void Signature::take_context(
    std::vector<Value>& out, Value context, const Parameter& parameter, std::size_t index
) const {
    if ((parameter.accepts & bit(symbol_of(context))) == 0) {
        Failure failure{"T0411"};
        failure.value = describe(context);
        failure.index = index;
        throw failure;
    }
    out.push_back(context);
}

void Signature::validate(Arena& arena, std::vector<Value>& arguments, Value context) const {
    std::string symbols;
    for (const auto& argument : arguments) {
        symbols += symbol_of(argument);
    }
    Match match{
        parameters_.size(),
        true,
        std::vector<std::size_t>(parameters_.size()),
        std::vector<bool>(parameters_.size() * (symbols.size() + 1))};
    if (!match_from(symbols, 0, 0, match)) {
        refuse(arguments, symbols);
    }
    std::vector<Value> out;
    out.reserve(arguments.size() + 1);
    // An optional parameter that is left out takes an argument's place all the same, as in
    // JSONata's own implementation: then `at` runs ahead of the symbols, and maybe past the
    // arguments.
    std::size_t at = 0;
    std::size_t symbol = 0;
    const auto argument_at = [&](std::size_t place) {
        return place < arguments.size() ? arguments[place] : Value{};
    };
    for (std::size_t number = 0; number < parameters_.size(); ++number) {
        const auto& parameter = parameters_[number];
        const auto taken = match.taken[number];
        if (taken == 0 && parameter.context) {
            take_context(out, context, parameter, at + 1);
        } else if (taken == 0) {
            out.push_back(argument_at(at));
            ++at;
        }
        for (std::size_t count = 0; count < taken; ++count, ++at, ++symbol) {
            auto argument = argument_at(at);
            if (parameter.type == 'a' && argument.defined()) {
                if (parameter.has_item_types) {
                    check_items(argument, symbols[symbol], taken, parameter, at + 1);
                }
                if (!argument.is_array()) {
                    auto* const single = arena.make<Array>();
                    single->push(arena, argument);
                    argument = Value::of(single);
                }
            }
            out.push_back(argument);
        }
    }
    arguments = std::move(out);
}

}  // namespace kiln::jsonata
