#include "os/mount_table.hpp"

#include <algorithm>

namespace kiln::os {

namespace {

std::vector<std::string_view> words(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const auto end = std::min(line.find(' '), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return words;
}

bool is_octal(char c) {
    return c >= '0' && c <= '7';
}

/// Space, tab, line break and backslash stand as \040, \011, \012, \134.
std::string unescape(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        if (text.size() >= 4 && text[0] == '\\' && is_octal(text[1]) && is_octal(text[2]) &&
            is_octal(text[3])) {
            plain +=
                static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
            text.remove_prefix(4);
        } else {
            plain += text[0];
            text.remove_prefix(1);
        }
    }
    return plain;
}

}  // namespace

std::vector<MountEntry> parse_mount_table(std::string_view mountinfo) {
    constexpr std::size_t kRoot = 3, kTarget = 4, kOptional = 6;
    std::vector<MountEntry> entries;
    while (!mountinfo.empty()) {
        const auto end = std::min(mountinfo.find('\n'), mountinfo.size());
        const auto fields = words(mountinfo.substr(0, end));
        mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
        // Any number of optional fields stand before the dash.
        const auto first = fields.begin() + static_cast<long>(std::min(kOptional, fields.size()));
        const auto dash = std::find(first, fields.end(), "-");
        if (fields.end() - dash < 4) {
            continue;
        }
        entries.push_back(
            {.root = unescape(fields[kRoot]),
             .target = unescape(fields[kTarget]),
             .type = std::string{dash[1]},
             .source = unescape(dash[2]),
             .super_options = std::string{dash[3]}}
        );
    }
    return entries;
}

}  // namespace kiln::os
