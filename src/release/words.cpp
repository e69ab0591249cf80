#include "release/words.hpp"

#include "base/error.hpp"
#include "base/suggest.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::release {

namespace {

struct ModeWord {
    std::string_view word;
    Mode mode;
};

/// Besides ours those of the predecessor.
constexpr std::array<ModeWord, 6> kModeWords{{
    {"fake-workers", Mode::fake_workers},
    {"fake-ec2", Mode::fake_workers},
    {"skip-workers", Mode::skip_workers},
    {"skip-ec2", Mode::skip_workers},
    {"test", Mode::test},
    {"test-build", Mode::test},
}};

std::optional<Mode> mode_of(std::string_view word) {
    if (word.starts_with("--")) {
        word.remove_prefix(2);
    }
    std::string plain{word};
    std::ranges::replace(plain, '_', '-');
    const auto found = std::ranges::find(kModeWords, plain, &ModeWord::word);
    return found == kModeWords.end() ? std::nullopt : std::optional{found->mode};
}

bool has(const std::vector<std::string>& list, const std::string& word) {
    return std::ranges::find(list, word) != list.end();
}

void add_once(std::vector<std::string>& list, const std::string& word) {
    if (!has(list, word)) {
        list.push_back(word);
    }
}

std::string version_forms(const Vocabulary& vocabulary) {
    return vocabulary.nightly ? fmt::format(
                                    "{}, or {} of a nightly",
                                    vocabulary.release.shown(),
                                    vocabulary.nightly->shown()
                                )
                              : vocabulary.release.shown();
}

std::string why_unknown(const Vocabulary& vocabulary, const std::string& word) {
    if (word.starts_with("-")) {
        std::vector<std::string> flags;
        for (const auto& known : kModeWords) {
            flags.push_back(fmt::format("--{}", known.word));
        }
        return fmt::format("unknown flag \"{}\"{}", word, did_you_mean(word, flags));
    }
    for (const auto& [what, list] :
         {std::pair{"distro", &vocabulary.distros}, std::pair{"step", &vocabulary.steps}}) {
        if (const auto near = did_you_mean(word, *list); !near.empty()) {
            return fmt::format("unknown {} \"{}\"{}", what, word, near);
        }
    }
    if (word.front() >= '0' && word.front() <= '9') {
        return fmt::format(
            "\"{}\" is not a version: they look like {}", word, version_forms(vocabulary)
        );
    }
    return fmt::format(
        "\"{}\" is neither a version ({}) nor a distro ({}) nor a step ({})",
        word,
        version_forms(vocabulary),
        fmt::join(vocabulary.distros, ", "),
        fmt::join(vocabulary.steps, ", ")
    );
}

/// Sorts words into an order, and says what is wrong with them.
class Sorter {
  public:
    explicit Sorter(const Vocabulary& vocabulary) : vocabulary_{vocabulary} {}

    void add(const std::string& word) {
        if (const auto mode = mode_of(word)) {
            set_mode(*mode, word);
        } else if (has(vocabulary_.steps, word)) {
            add_once(order.steps, word);
        } else if (has(vocabulary_.distros, word)) {
            add_once(order.distros, word);
        } else if (vocabulary_.nightly && vocabulary_.nightly->has_shape_of(word)) {
            if (vocabulary_.nightly->match(word)) {
                add_once(order.versions, word);
            } else {
                problems.push_back({word, fmt::format("\"{}\" is a nightly of no day", word)});
            }
        } else if (vocabulary_.release.match(word)) {
            add_once(order.versions, word);
        } else {
            problems.push_back({word, why_unknown(vocabulary_, word)});
        }
    }

    void finish(TimePoint today) {
        finish_test();
        if (!order.versions.empty() || !problems.empty()) {
            return;
        }
        const auto nightly =
            vocabulary_.nightly ? vocabulary_.nightly->of_day(today) : std::nullopt;
        if (nightly) {
            order.versions.push_back(*nightly);
        } else {
            problems.push_back(
                {"",
                 fmt::format(
                     "name a version ({}): there is no nightly of a day", version_forms(vocabulary_)
                 )}
            );
        }
    }

    Order order;
    std::vector<Problem> problems;

  private:
    void set_mode(Mode mode, const std::string& word) {
        if (order.mode != Mode::normal && order.mode != mode) {
            problems.push_back(
                {word,
                 fmt::format("--{} and \"{}\" exclude each other", to_string(order.mode), word)}
            );
        }
        order.mode = mode;
    }

    void finish_test() {
        if (order.mode != Mode::test) {
            return;
        }
        for (const auto& step : order.steps) {
            if (!has(vocabulary_.test_steps, step)) {
                problems.push_back(
                    {step,
                     fmt::format(
                         "\"{}\" is not part of a test build: those are {}",
                         step,
                         fmt::join(vocabulary_.test_steps, ", ")
                     )}
                );
            }
        }
        if (vocabulary_.test_steps.empty()) {
            problems.push_back({"--test", "the plan has no steps of test builds (test = true)"});
        } else if (order.steps.empty()) {
            order.steps = vocabulary_.test_steps;
        }
    }

    const Vocabulary& vocabulary_;
};

json::array list(const std::vector<std::string>& texts) {
    return json::array(texts.begin(), texts.end());
}

void collect(const json::value& value, std::vector<std::string>& words);

void split(std::string_view text, std::vector<std::string>& words) {
    constexpr std::string_view kBlanks = " \t\r\n";
    for (;;) {
        const auto first = text.find_first_not_of(kBlanks);
        if (first == std::string_view::npos) {
            return;
        }
        text.remove_prefix(first);
        const auto end = std::min(text.find_first_of(kBlanks), text.size());
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
}

void collect(const json::value& value, std::vector<std::string>& words) {
    switch (value.kind()) {
        case json::kind::object:
            for (const auto& member : value.get_object()) {
                collect(member.value(), words);
            }
            return;
        case json::kind::array:
            for (const auto& element : value.get_array()) {
                collect(element, words);
            }
            return;
        case json::kind::string:
            split(value.get_string(), words);
            return;
        case json::kind::null:
            return;
        case json::kind::int64:
        case json::kind::uint64:
        case json::kind::double_:
        case json::kind::bool_:
            words.push_back(json::serialize(value));
            return;
    }
}

}  // namespace

std::string_view to_string(Mode mode) noexcept {
    switch (mode) {
        case Mode::normal:
            return "normal";
        case Mode::fake_workers:
            return "fake-workers";
        case Mode::skip_workers:
            return "skip-workers";
        case Mode::test:
            break;
    }
    return "test";
}

json::object to_json(const Order& order) {
    return {
        {"versions", list(order.versions)},
        {"distros", list(order.distros)},
        {"steps", list(order.steps)},
        {"mode", to_string(order.mode)}};
}

std::vector<std::string> words_of(const Order& order) {
    std::vector<std::string> words;
    for (const auto* part : {&order.versions, &order.distros, &order.steps}) {
        words.insert(words.end(), part->begin(), part->end());
    }
    if (order.mode != Mode::normal) {
        words.push_back(fmt::format("--{}", to_string(order.mode)));
    }
    return words;
}

Vocabulary vocabulary_of(const Plan& plan) {
    Vocabulary vocabulary{.release = plan.versions.release, .nightly = plan.versions.nightly};
    for (const auto& distro : plan.distros.known) {
        vocabulary.distros.push_back(distro.name);
    }
    for (const auto& step : plan.steps) {
        vocabulary.steps.push_back(step.name);
        if (step.test) {
            vocabulary.test_steps.push_back(step.name);
        }
    }
    return vocabulary;
}

json::object to_json(const Vocabulary& vocabulary) {
    json::object out{{"release", vocabulary.release.text()}};
    if (vocabulary.nightly) {
        out["nightly"] = vocabulary.nightly->text();
    }
    out["distros"] = list(vocabulary.distros);
    out["steps"] = list(vocabulary.steps);
    out["test_steps"] = list(vocabulary.test_steps);
    return out;
}

Vocabulary read_vocabulary(const json::value& value) {
    using enum ObjectReader::Need;
    std::vector<Problem> problems;
    ObjectReader reader{value, "vocabulary", problems};
    Vocabulary out;
    if (const auto text = reader.string("release", required)) {
        out.release = VersionPattern::parse(*text);
    }
    if (const auto text = reader.string("nightly")) {
        out.nightly = VersionPattern::parse(*text);
    }
    const std::vector<std::string> none;
    out.distros = reader.strings("distros", required).value_or(none);
    out.steps = reader.strings("steps", required).value_or(none);
    out.test_steps = reader.strings("test_steps").value_or(none);
    reader.finish();
    if (!problems.empty()) {
        throw Error{"the vocabulary of a release is not one", std::move(problems)};
    }
    return out;
}

std::vector<std::string> collect_words(const json::value& input) {
    std::vector<std::string> words;
    collect(input, words);
    return words;
}

Order parse_words(
    const Vocabulary& vocabulary, const std::vector<std::string>& words, TimePoint today
) {
    Sorter sorter{vocabulary};
    for (const auto& word : words) {
        sorter.add(word);
    }
    sorter.finish(today);
    if (!sorter.problems.empty()) {
        throw Error{"these words ask for nothing that there is", std::move(sorter.problems)};
    }
    return std::move(sorter.order);
}

}  // namespace kiln::release
