#pragma once

#include "base/json.hpp"
#include "base/time.hpp"
#include "release/plan.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kiln::release {

/// How much of a release is real.
enum class Mode {
    normal,
    fake_workers,  ///< workers are started, but their script only sleeps; nothing is asked first
    skip_workers,  ///< no workers are started: tasks are taken by hand; nothing is asked first
    test,          ///< steps of test builds alone, with their environment; failures are not retried
};

[[nodiscard]] std::string_view to_string(Mode mode) noexcept;

/// What a release is asked for. Each list in the order of the words, nothing twice.
struct Order {
    std::vector<std::string> versions;
    std::vector<std::string> distros;  ///< empty: all
    std::vector<std::string> steps;    ///< empty: all
    Mode mode = Mode::normal;

    bool operator==(const Order&) const = default;
};

[[nodiscard]] json::object to_json(const Order& order);
/// The order in words, whatever words it was asked for in.
[[nodiscard]] std::vector<std::string> words_of(const Order& order);

/// What words may mean.
struct Vocabulary {
    VersionPattern release = VersionPattern::parse("{Major}.{Minor}.{Patch}");
    std::optional<VersionPattern> nightly;
    std::vector<std::string> distros;
    std::vector<std::string> steps;
    std::vector<std::string> test_steps;
};

[[nodiscard]] Vocabulary vocabulary_of(const Plan& plan);
[[nodiscard]] json::object to_json(const Vocabulary& vocabulary);
/// @throws Error  invalid
[[nodiscard]] Vocabulary read_vocabulary(const json::value& value);

/// All words of all strings, numbers and truths in any JSON; of objects the values.
[[nodiscard]] std::vector<std::string> collect_words(const json::value& input);

/// Versions, distros, steps and flags in any order. Without a version: the nightly of `today`.
/// @throws Error  invalid: each word that is none, with what was probably meant
[[nodiscard]] Order parse_words(
    const Vocabulary& vocabulary, const std::vector<std::string>& words, TimePoint today
);

}  // namespace kiln::release
