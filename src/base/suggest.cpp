#include "base/suggest.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln {

namespace {

/// Optimal string alignment distance: insert, delete, replace, swap of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        d[i][0] = i;
    }
    for (std::size_t j = 0; j <= b.size(); ++j) {
        d[0][j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
            }
        }
    }
    return d[a.size()][b.size()];
}

constexpr std::size_t kLongestWord = 256;

}  // namespace

std::optional<std::string> closest(std::string_view word, std::span<const std::string> candidates) {
    if (word.size() > kLongestWord) {
        return std::nullopt;
    }
    const std::size_t limit = std::clamp<std::size_t>(word.size() / 3, 1, 4);
    std::optional<std::string> best;
    std::size_t best_distance = limit + 1;
    for (const auto& candidate : candidates) {
        if (candidate.size() > kLongestWord) {
            continue;
        }
        const auto apart = distance(word, candidate);
        if (apart < best_distance) {
            best = candidate;
            best_distance = apart;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
    const auto best = closest(word, candidates);
    return best ? fmt::format("; did you mean \"{}\"?", *best) : "";
}

}  // namespace kiln
