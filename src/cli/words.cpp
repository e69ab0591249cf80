#include "cli/words.hpp"

#include <algorithm>

namespace kiln::cli {

std::vector<std::string> words_of(std::string_view text) {
    constexpr std::string_view kBetween = " \t,";
    std::vector<std::string> out;
    for (;;) {
        const auto first = text.find_first_not_of(kBetween);
        if (first == std::string_view::npos) {
            return out;
        }
        text.remove_prefix(first);
        const auto end = std::min(text.find_first_of(kBetween), text.size());
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
}

}  // namespace kiln::cli
