#include "os/lines.hpp"

#include "base/error.hpp"
#include "base/utf8.hpp"

namespace kiln::os {

LineSplitter::LineSplitter(std::size_t longest, Sink sink)
    : longest_{longest}, sink_{std::move(sink)} {
    constexpr std::size_t kLongestUtf8Sequence = 4;
    KILN_CHECK(longest_ >= kLongestUtf8Sequence);
}

void LineSplitter::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto line_break = bytes.find('\n');
        const auto text = bytes.substr(0, line_break);
        const bool whole = line_break != std::string_view::npos;
        if (whole && pending_.empty() && text.size() <= longest_) {
            sink_({.text = text, .more = false});
        } else {
            pending_ += text;
            hand_over_parts();
            if (whole) {
                sink_({.text = pending_, .more = false});
                pending_.clear();
            }
        }
        bytes.remove_prefix(whole ? line_break + 1 : text.size());
    }
}

void LineSplitter::hand_over_parts() {
    std::string_view rest{pending_};
    while (rest.size() > longest_) {
        const auto floor = utf8_floor(rest, longest_);
        const auto length =
            floor + 4 > longest_ ? floor : longest_;  // what is not UTF-8 has no floor
        sink_({.text = rest.substr(0, length), .more = true});
        rest.remove_prefix(length);
    }
    pending_.erase(0, pending_.size() - rest.size());
}

void LineSplitter::finish() {
    if (!pending_.empty()) {
        sink_({.text = pending_, .more = false});
        pending_.clear();
    }
}

}  // namespace kiln::os
