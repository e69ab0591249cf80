#include "api/sqs/batch.hpp"

#include "base/utf8.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::api::sqs {

namespace {

constexpr std::size_t kMostEntries = 10;
constexpr std::size_t kLongestId = 80;

bool is_id(std::string_view text) noexcept {
    return !text.empty() && text.size() <= kLongestId &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
           });
}

}  // namespace

std::optional<Failure> refuse_batch(
    std::string_view operation, const std::vector<std::string_view>& ids
) {
    if (ids.empty()) {
        return Failure{
            ErrorCode::empty_batch_request,
            fmt::format("There should be at least one {}RequestEntry in the request.", operation)};
    }
    if (ids.size() > kMostEntries) {
        return Failure{
            ErrorCode::too_many_entries_in_batch_request,
            fmt::format(
                "Maximum number of entries per request are {}. You have sent {}.",
                kMostEntries,
                ids.size()
            )};
    }
    if (!std::all_of(ids.begin(), ids.end(), is_id)) {
        return Failure{
            ErrorCode::invalid_batch_entry_id,
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
            "It can be at most 80 letters long."};
    }
    for (auto id = ids.begin(); id != ids.end(); ++id) {
        if (std::find(ids.begin(), id, *id) != id) {
            return Failure{
                ErrorCode::batch_entry_ids_not_distinct, fmt::format("Id {} repeated.", *id)};
        }
    }
    return std::nullopt;
}

FailedEntry failed_entry(std::string id, const Failure& failure) {
    const auto names = names_of(failure.code);
    return {std::move(id), names.fault == Fault::sender, std::string{names.query}, failure.message};
}

}  // namespace kiln::api::sqs
