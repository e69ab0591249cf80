// Names, ARNs and tags.

#include "base/utf8.hpp"
#include "queue/attributes.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::queue {

namespace {

constexpr std::size_t kLongestName = 80;
constexpr std::string_view kFifoSuffix = ".fifo";
constexpr std::size_t kMostTags = 50;
constexpr std::size_t kLongestTagKey = 128;
constexpr std::size_t kLongestTagValue = 256;

bool is_name_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

std::size_t characters(std::string_view utf8) noexcept {
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    }));
}

std::optional<Refusal> refuse_tag(const std::string& key, const std::string& value) {
    const auto refuse = [](std::string message) {
        return Refusal{RefusalCode::invalid_parameter_value, std::move(message)};
    };
    if (key.empty() || characters(key) > kLongestTagKey || !is_utf8(key)) {
        return refuse(
            fmt::format("Tag keys must be between 1 and {} characters in length.", kLongestTagKey)
        );
    }
    if (characters(value) > kLongestTagValue || !is_utf8(value)) {
        return refuse(
            fmt::format("Tag values may not be longer than {} characters.", kLongestTagValue)
        );
    }
    if (key.starts_with("aws:")) {
        return refuse(fmt::format("Tag key {} starts with the reserved prefix aws:.", key));
    }
    return std::nullopt;
}

}  // namespace

std::string queue_arn(const Place& place, std::string_view name) {
    return fmt::format("arn:aws:sqs:{}:{}:{}", place.region, place.account, name);
}

std::optional<std::string> queue_of_arn(const Place& place, std::string_view arn) {
    const auto prefix = queue_arn(place, "");
    if (!arn.starts_with(prefix)) {
        return std::nullopt;
    }
    const auto name = arn.substr(prefix.size());
    if (refuse_queue_name(name, name.ends_with(kFifoSuffix))) {
        return std::nullopt;
    }
    return std::string{name};
}

std::optional<Refusal> refuse_queue_name(std::string_view name, bool fifo) {
    if (name.empty()) {
        return Refusal{RefusalCode::invalid_parameter_value, "Queue name cannot be empty"};
    }
    auto stem = name;
    if (fifo && name.ends_with(kFifoSuffix)) {
        stem.remove_suffix(kFifoSuffix.size());
    } else if (fifo) {
        stem = {};
    }
    if (!stem.empty() && name.size() <= kLongestName &&
        std::all_of(stem.begin(), stem.end(), is_name_character)) {
        return std::nullopt;
    }
    return Refusal{
        RefusalCode::invalid_parameter_value,
        fifo ? "The name of a FIFO queue can only include alphanumeric characters, hyphens, or "
               "underscores, must end with .fifo suffix and be 1 to 80 in length."
             : "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in "
               "length"};
}

Outcome<Tags> add_tags(std::string_view queue, Tags tags, const Tags& added) {
    for (const auto& [key, value] : added) {
        if (auto refusal = refuse_tag(key, value)) {
            return std::move(*refusal);
        }
        tags.insert_or_assign(key, value);
    }
    if (tags.size() > kMostTags) {
        return Refusal{
            RefusalCode::invalid_parameter_value,
            fmt::format("Too many tags added for queue {}.", queue)};
    }
    return tags;
}

}  // namespace kiln::queue
