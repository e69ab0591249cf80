#include "ports/cloud.hpp"

#include "base/utf8.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::ports {

namespace {

constexpr std::size_t kShortestName = 3;
constexpr std::size_t kLongestName = 128;
constexpr std::size_t kMostTags = 50;
constexpr std::size_t kLongestTagKey = 127;
constexpr std::size_t kLongestTagValue = 255;

json::object tags_json(const Tags& tags) {
    json::object object;
    for (const auto& [key, value] : tags) {
        object[key] = value;
    }
    return object;
}

json::array strings_json(const std::vector<std::string>& strings) {
    json::array array;
    for (const auto& text : strings) {
        array.emplace_back(text);
    }
    return array;
}

template <class Id>
json::value id_or_null(const std::optional<Id>& id) {
    return id ? json::value(id->str()) : json::value(nullptr);
}

bool is_continuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return !is_continuation(c);
    }));
}

bool any_matches(const std::vector<std::string>& patterns, std::string_view text) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const auto& pattern) {
        return wildcard_match(pattern, text);
    });
}

/// A filter without values is not set.
bool passes(const std::vector<std::string>& patterns, std::string_view text) {
    return patterns.empty() || any_matches(patterns, text);
}

bool has_reserved_prefix(std::string_view key) {
    return key.size() >= 4 && (key[0] | 0x20) == 'a' && (key[1] | 0x20) == 'w' &&
           (key[2] | 0x20) == 's' && key[3] == ':';
}

std::optional<std::string> tag_key_problem(std::string_view key) {
    if (key.empty()) {
        return "a tag's key has at least 1 character";
    }
    if (!is_utf8(key)) {
        return "a tag's key is UTF-8 text";
    }
    if (characters(key) > kLongestTagKey) {
        return fmt::format(
            "a tag's key has at most {} characters; this one has {}",
            kLongestTagKey,
            characters(key)
        );
    }
    if (has_reserved_prefix(key)) {
        return "keys that start with \"aws:\" are reserved; choose another prefix";
    }
    return std::nullopt;
}

std::optional<std::string> tag_value_problem(std::string_view value) {
    if (!is_utf8(value)) {
        return "a tag's value is UTF-8 text";
    }
    if (characters(value) > kLongestTagValue) {
        return fmt::format(
            "a tag's value has at most {} characters; this one has {}",
            kLongestTagValue,
            characters(value)
        );
    }
    return std::nullopt;
}

/// The pattern's next element, taken off its front.
struct Element {
    std::string_view text;  ///< literal, when neither is set
    bool any_run = false;
    bool any_one = false;
};

Element element_at(std::string_view pattern, std::size_t at) {
    if (pattern[at] == '*') {
        return {pattern.substr(at, 1), true, false};
    }
    if (pattern[at] == '?') {
        return {pattern.substr(at, 1), false, true};
    }
    // A backslash at the end stands for itself.
    return {pattern.substr(at, pattern[at] == '\\' && at + 1 < pattern.size() ? 2 : 1)};
}

std::size_t character_length(std::string_view text, std::size_t at) {
    std::size_t end = at + 1;
    while (end < text.size() && is_continuation(text[end])) {
        ++end;
    }
    return end - at;
}

}  // namespace

std::string_view to_string(VolumeState state) noexcept {
    switch (state) {
        case VolumeState::creating:
            return "creating";
        case VolumeState::available:
            return "available";
        case VolumeState::in_use:
            return "in-use";
        case VolumeState::deleting:
            return "deleting";
    }
    return "unknown";
}

std::string_view to_string(SnapshotState state) noexcept {
    switch (state) {
        case SnapshotState::pending:
            return "pending";
        case SnapshotState::completed:
            return "completed";
        case SnapshotState::error:
            return "error";
    }
    return "unknown";
}

std::string_view to_string(ImageState state) noexcept {
    switch (state) {
        case ImageState::pending:
            return "pending";
        case ImageState::available:
            return "available";
        case ImageState::failed:
            return "failed";
    }
    return "unknown";
}

json::object to_json(const Volume& volume) {
    return {
        {"id", volume.id.str()},
        {"zone", volume.zone},
        {"size_bytes", volume.size.count},
        {"snapshot", id_or_null(volume.snapshot)},
        {"state", to_string(volume.state)},
        {"created", format_time(volume.created)},
        {"tags", tags_json(volume.tags)},
    };
}

json::object to_json(const Snapshot& snapshot) {
    return {
        {"id", snapshot.id.str()},
        {"description", snapshot.description},
        {"size_bytes", snapshot.size.count},
        {"stored_bytes", snapshot.stored.count},
        {"state", to_string(snapshot.state)},
        {"created", format_time(snapshot.created)},
        {"tags", tags_json(snapshot.tags)},
        {"shared_with", strings_json(snapshot.shared_with)},
    };
}

json::object to_json(const Image& image) {
    return {
        {"id", image.id.str()},
        {"name", image.name},
        {"description", image.description},
        {"architecture", image.architecture},
        {"owner", image.owner},
        {"state", to_string(image.state)},
        {"root_snapshot", image.root_snapshot.str()},
        {"size_bytes", image.size.count},
        {"created", format_time(image.created)},
        {"parent", id_or_null(image.parent)},
        {"bake", id_or_null(image.bake)},
        {"bake_key", image.bake_key.empty() ? json::value(nullptr) : json::value(image.bake_key)},
        {"tags", tags_json(image.tags)},
        {"shared_with", strings_json(image.shared_with)},
    };
}

bool wildcard_match(std::string_view pattern, std::string_view text) noexcept {
    constexpr auto kNone = std::string_view::npos;
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t after_star = kNone;  // where the pattern goes on after the last `*` seen
    std::size_t retry_at = 0;        // and where in the text that `*` is tried to end next
    while (t < text.size()) {
        if (p < pattern.size()) {
            const auto element = element_at(pattern, p);
            if (element.any_run) {
                after_star = ++p;
                retry_at = t;
                continue;
            }
            if (element.any_one || element.text.back() == text[t]) {
                p += element.text.size();
                t += element.any_one ? character_length(text, t) : 1;
                continue;
            }
        }
        if (after_star == kNone) {
            return false;
        }
        p = after_star;
        retry_at += character_length(text, retry_at);
        t = retry_at;
    }
    return pattern.find_first_not_of('*', p) == kNone;
}

bool matches(const ImageFilter& filter, const Image& image) {
    if (!filter.ids.empty() &&
        std::find(filter.ids.begin(), filter.ids.end(), image.id) == filter.ids.end()) {
        return false;
    }
    if (!passes(filter.names, image.name) || !passes(filter.owners, image.owner) ||
        !passes(filter.architectures, image.architecture) ||
        !passes(filter.states, to_string(image.state))) {
        return false;
    }
    for (const auto& [key, values] : filter.tags) {
        const auto tag = image.tags.find(key);
        if (tag == image.tags.end() || !any_matches(values, tag->second)) {
            return false;
        }
    }
    return filter.tag_keys.empty() ||
           std::any_of(image.tags.begin(), image.tags.end(), [&](const auto& tag) {
               return any_matches(filter.tag_keys, tag.first);
           });
}

std::optional<std::string> image_name_problem(std::string_view name) {
    constexpr std::string_view kMarks = " ()[]./-'@_";
    const auto is_good = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               kMarks.find(c) != std::string_view::npos;
    };
    const auto bad = std::find_if_not(name.begin(), name.end(), is_good);
    if (bad != name.end()) {
        const auto at = static_cast<std::size_t>(bad - name.begin());
        const bool printable = *bad > ' ' && *bad < '\x7f';
        return fmt::format(
            "{} is not allowed in an image's name, which is made of letters, digits and {}",
            printable ? fmt::format("'{}' (character {})", *bad, at + 1)
                      : fmt::format("byte 0x{:02x}", static_cast<unsigned char>(*bad)),
            "space ( ) [ ] . / - ' @ _"
        );
    }
    if (name.size() < kShortestName || name.size() > kLongestName) {
        return fmt::format(
            "an image's name has {} to {} characters; this one has {}",
            kShortestName,
            kLongestName,
            name.size()
        );
    }
    return std::nullopt;
}

std::vector<Problem> tag_problems(const Tags& tags, std::string_view where) {
    std::vector<Problem> problems;
    if (tags.size() > kMostTags) {
        problems.push_back(
            {std::string{where},
             fmt::format("at most {} tags are allowed; these are {}", kMostTags, tags.size())}
        );
    }
    for (const auto& [key, value] : tags) {
        const auto path = fmt::format("{}.{}", where, to_utf8(key));
        if (auto what = tag_key_problem(key)) {
            problems.push_back({path, std::move(*what)});
        }
        if (auto what = tag_value_problem(value)) {
            problems.push_back({path, std::move(*what)});
        }
    }
    return problems;
}

}  // namespace kiln::ports
