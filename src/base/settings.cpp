#include "base/settings.hpp"

#include "base/error.hpp"
#include "base/suggest.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kiln {

namespace {

constexpr std::string_view kPrefix = "KILN_";
constexpr std::string_view kMasked = "********";

std::int64_t parse_whole(const Setting& setting, const std::string& text) {
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end || number < setting.low || number > setting.high) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "'{}' is not a whole number from {} to {}", text, setting.low, setting.high
            )};
    }
    return number;
}

std::string parse_choice(const Setting& setting, const std::string& text) {
    if (std::find(setting.choices.begin(), setting.choices.end(), text) == setting.choices.end()) {
        throw Error{
            ErrorKind::invalid,
            fmt::format("'{}' is none of {}", text, fmt::join(setting.choices, ", ")) +
                did_you_mean(text, setting.choices)};
    }
    return text;
}

bool allowed(const std::vector<std::string>& patterns, const std::string& name) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
        return pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1))
                                      : name == pattern;
    });
}

std::string_view type_name(Setting::Type type) {
    switch (type) {
        case Setting::Type::text:
            return "text";
        case Setting::Type::path:
            return "path";
        case Setting::Type::whole:
            return "whole number";
        case Setting::Type::duration:
            return "duration (`90s`, `15m`, `2h`, `7d`)";
        case Setting::Type::size:
            return "size (`4096`, `512MiB`, `20GiB`)";
        case Setting::Type::choice:
            return "choice";
    }
    return "";
}

}  // namespace

std::string environment_name(const Setting& setting) {
    std::string name{kPrefix};
    for (const char c : setting.name) {
        name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return name;
}

/// Gathers values and problems over all sources; weaker sources first.
struct Settings::Resolver {
    std::vector<Held> held;
    std::vector<Problem> problems;

    static Value parse(const Setting& setting, const std::string& text) {
        if (setting.check) {
            if (auto problem = setting.check(text)) {
                throw Error{ErrorKind::invalid, std::move(*problem)};
            }
        }
        switch (setting.type) {
            case Setting::Type::text:
            case Setting::Type::path:
                return text;
            case Setting::Type::choice:
                return parse_choice(setting, text);
            case Setting::Type::whole:
                return parse_whole(setting, text);
            case Setting::Type::duration:
                return parse_duration(text);
            case Setting::Type::size:
                return parse_bytes(text);
        }
        return text;
    }

    explicit Resolver(std::vector<Setting> declared) {
        for (auto& setting : declared) {
            auto value = parse(setting, setting.fallback);
            auto text = setting.fallback;
            held.push_back({std::move(setting), std::move(value), std::move(text), "default"});
        }
    }

    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& one : held) {
            all.push_back(one.setting.name);
        }
        return all;
    }

    void set(const std::string& name, const std::string& text, const std::string& place) {
        const auto one = std::find_if(held.begin(), held.end(), [&](const Held& candidate) {
            return candidate.setting.name == name;
        });
        if (one == held.end()) {
            problems.push_back(
                {place, fmt::format("unknown setting \"{}\"", name) + did_you_mean(name, names())}
            );
            return;
        }
        try {
            one->value = parse(one->setting, text);
            one->text = text;
            one->origin = place;
        } catch (const Error& error) {
            const bool secret = one->setting.secret == Setting::Secret::yes;
            problems.push_back(
                {place, fmt::format("{}: {}", name, secret ? "bad value" : error.message())}
            );
        }
    }

    void read_file(const SettingSources::File& file) {
        for (const auto& value : read_settings_file(file)) {
            if (value.problem) {
                problems.push_back({value.place, value.name + ": " + *value.problem});
            } else {
                set(value.name, value.text, value.place);
            }
        }
    }

    void read_variable(
        const std::string& name, const std::string& text, const std::vector<std::string>& others
    ) {
        std::vector<std::string> known = others;
        for (const auto& one : held) {
            if (environment_name(one.setting) == name) {
                set(one.setting.name, text, name);
                return;
            }
            known.push_back(environment_name(one.setting));
        }
        if (!allowed(others, name)) {
            problems.push_back({name, "unknown environment variable" + did_you_mean(name, known)});
        }
    }

    void read_flag(const std::string& flag) {
        const auto equals = flag.find('=');
        if (equals == std::string::npos) {
            problems.push_back({"--set " + flag, "write it as NAME=VALUE"});
            return;
        }
        const auto name = flag.substr(0, equals);
        set(name, flag.substr(equals + 1), "--set " + name);
    }
};

Settings Settings::resolve(std::vector<Setting> declared, const SettingSources& sources) {
    Resolver resolver{std::move(declared)};
    if (sources.file) {
        resolver.read_file(*sources.file);
    }
    for (const auto& [name, text] : sources.environment) {
        if (name.starts_with(kPrefix)) {
            resolver.read_variable(name, text, sources.other_variables);
        }
    }
    for (const auto& flag : sources.flags) {
        resolver.read_flag(flag);
    }
    if (!resolver.problems.empty()) {
        throw Error{"bad settings", std::move(resolver.problems)}.hint(
            "kiln config reference lists every setting"
        );
    }
    Settings settings;
    settings.held_ = std::move(resolver.held);
    return settings;
}

const Settings::Held& Settings::held(std::string_view name) const {
    const auto found = std::find_if(held_.begin(), held_.end(), [&](const Held& one) {
        return one.setting.name == name;
    });
    KILN_CHECK(found != held_.end());
    return *found;
}

namespace {

template <class T, class Value>
const T& as(const Value& value) {
    const auto* typed = std::get_if<T>(&value);
    KILN_CHECK(typed != nullptr);
    return *typed;
}

}  // namespace

const std::string& Settings::text(std::string_view name) const {
    return as<std::string>(held(name).value);
}

std::int64_t Settings::whole(std::string_view name) const {
    return as<std::int64_t>(held(name).value);
}

Duration Settings::duration(std::string_view name) const {
    return as<Duration>(held(name).value);
}

Bytes Settings::size(std::string_view name) const {
    return as<Bytes>(held(name).value);
}

std::vector<Settings::Shown> Settings::shown() const {
    struct Json {
        json::value operator()(const std::string& text) const { return json::value(text); }

        json::value operator()(std::int64_t number) const { return number; }

        json::value operator()(Duration duration) const { return seconds_of(duration); }

        json::value operator()(Bytes bytes) const { return bytes.count; }
    };

    std::vector<Shown> all;
    for (const auto& one : held_) {
        const bool masked = one.setting.secret == Setting::Secret::yes && !one.text.empty();
        all.push_back(
            {one.setting.name,
             masked ? std::string{kMasked} : one.text,
             one.origin,
             masked ? json::value(kMasked) : std::visit(Json{}, one.value)}
        );
    }
    return all;
}

std::string settings_reference(const std::vector<Setting>& declared) {
    std::string page =
        "# Settings\n\n"
        "Values come, in rising order of force, from the defaults, the file (`--config FILE`, "
        "else\n"
        "`kiln.toml` in the home folder, else `/etc/kiln/kiln.toml`), the environment, and "
        "`--set`.\n"
        "An unknown name is an error, wherever it stands. `kiln config show` says what is in "
        "force.\n\n"
        "| setting | type | default | variable | meaning |\n| --- | --- | --- | --- | --- |\n";
    for (const auto& setting : declared) {
        std::string type{type_name(setting.type)};
        if (setting.type == Setting::Type::choice) {
            type = fmt::format("`{}`", fmt::join(setting.choices, "`, `"));
        } else if (setting.type == Setting::Type::whole) {
            type = fmt::format("{} from {} to {}", type, setting.low, setting.high);
        }
        std::string fallback = setting.fallback_shown;
        if (fallback.empty()) {
            fallback = setting.fallback.empty() ? "none" : fmt::format("`{}`", setting.fallback);
        }
        page += fmt::format(
            "| `{}` | {} | {} | `{}` | {} |\n",
            setting.name,
            type,
            fallback,
            environment_name(setting),
            setting.help
        );
    }
    return page;
}

}  // namespace kiln
